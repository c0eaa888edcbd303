import type { Db } from '../database.ts';
import { openHistoryRows, type HistoryRow } from '../journal/history.ts';
import { readPasses, type PassRow } from '../journal/passes.ts';
import { instant, type Instant } from '../../model/ids.ts';
import { optionalInstant } from '../sqlite/rows.ts';

/** The journal in pages of bounded size, newest first, however long it is. */
export interface Browsing {
  /** The passes before this one; undefined: the last ones. */
  passes(before: number | undefined, limit: number): readonly PassRow[];
  pass(pass: number): PassRow | undefined;
  /** The last passes that processed a target. */
  targetPasses(target: string, limit: number): readonly TargetPass[];
  /** The operations of a pass after this one, by target and in the order of execution. */
  operations(pass: number, after: number | undefined, limit: number): readonly HistoryRow[];
  /** How long the first operations of a pass waited for their answers at a target, in ms. */
  latencies(pass: number, target: string, limit: number): readonly number[];
  /** The size of the state, in bytes. */
  size(): number;
}

/** What a pass did at one target. */
export interface TargetPass {
  readonly pass: number;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  /** The summary that `sync --json` prints. */
  readonly summary: unknown;
}

/** A condition of its own: with "or", SQLite would read each pass from its first target on. */
const afterOperation = `and (target, round, phase, wave, id) > (
  select target, round, phase, wave, id from operation where id = :after
)`;

/** Opens the journal for reading in pages. */
export function openBrowsing(db: Db): Browsing {
  const rowsOf = openHistoryRows(db);
  return {
    passes: (before, limit) =>
      readPasses(db, 'id < :before and is_operator_action = 0', 'id desc limit :limit', {
        before: before ?? Number.MAX_SAFE_INTEGER,
        limit,
      }),
    pass: (pass) => readPasses(db, 'id = :pass and is_operator_action = 0', 'id', { pass })[0],
    targetPasses: (target, limit) =>
      (
        db
          .prepare(
            `
            select t.pass, p.started, p.ended, t.summary
            from pass_target t
            join pass p on p.id = t.pass
            where t.target = (select id from target where name = :target)
            order by t.pass desc
            limit :limit`,
          )
          .all({ target, limit }) as { pass: number; started: number; ended: number | null; summary: string }[]
      ).map(({ pass, started, ended, summary }) => ({
        ...{ pass, started: instant(started), ended: optionalInstant(ended) },
        summary: JSON.parse(summary) as unknown,
      })),
    operations: (pass, after, limit) =>
      rowsOf(
        db
          .prepare(
            `
            select id
            from operation indexed by operation_by_pass
            where pass = :pass
              ${after === undefined ? '' : afterOperation}
            order by target, round, phase, wave, id
            limit :limit`,
          )
          .pluck()
          .all({ pass, limit, ...(after === undefined ? {} : { after }) }) as number[],
      ),
    latencies: (pass, target, limit) =>
      db
        .prepare(
          `
          select answered_at - sent_at
          from (
            select sent_at, answered_at, status
            from operation indexed by operation_by_pass
            where pass = :pass
              and target = (select id from target where name = :target)
            limit :limit
          )
          where answered_at >= sent_at
            and status is not null`,
        )
        .pluck()
        .all({ pass, target, limit }) as number[],
    size: () =>
      (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number),
  };
}
