import { instant, type Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { ApprovalRecord, PassInfo } from '../store.ts';
import { operatorOf, type Operator } from '../audit/operator.ts';
import { approvalsOfPass } from './approvals.ts';
import type { JournalPeriod } from './history.ts';

/** A pass with its results and approvals, or a command by which an operator changed the state. */
export interface PassRow {
  readonly pass: number;
  /** A command that changed the state without a pass: no target took part. */
  readonly isAction: boolean;
  readonly command: string;
  /** Who ran it; undefined: an earlier version did not record that. */
  readonly operator: Operator | undefined;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly result: string | undefined;
  readonly note: string | undefined;
  /** The summary that `sync --json` prints, by target. */
  readonly targets: readonly { readonly target: string; readonly summary: unknown }[];
  readonly approvals: readonly ApprovalRecord[];
}

const passesPerPage = 200;

interface Row {
  readonly pass: number;
  readonly isAction: number;
  readonly command: string;
  readonly operator: string | null;
  readonly host: string | null;
  readonly started: number;
  readonly ended: number | null;
  readonly result: string | null;
  readonly note: string | null;
}

/** The passes and actions within a time, oldest first. No statement stays open between two rows. */
export function* passesWithin(db: Db, { since, until }: JournalPeriod): Generator<PassRow> {
  const of = { since: since ?? 0, until: until ?? Number.MAX_SAFE_INTEGER };
  const where = 'started between :since and :until and (started, id) > (:after, :afterId)';
  for (let last = { started: -1, pass: 0 }; ;) {
    const parameters = { ...of, after: last.started, afterId: last.pass };
    const rows = readPasses(db, where, `started, id limit ${passesPerPage}`, parameters);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < passesPerPage) return;
    last = end;
  }
}

/**
 * The passes and actions of a condition.
 *
 * @param where a condition in SQL
 * @param order the order in SQL, with its limit
 */
export function readPasses(
  db: Db,
  where: string,
  order: string,
  parameters: Readonly<Record<string, number>>,
): readonly PassRow[] {
  const passes = db.prepare(`
    select id as pass, is_operator_action as isAction, command, operator, host, started, ended, result, note
    from pass
    where ${where}
    order by ${order}`);
  const targets = db.prepare(`
    select t.name as target, p.summary
    from pass_target p
    join target t on t.id = p.target
    where p.pass = ?
    order by t.name`);
  return (passes.all(parameters) as Row[]).map((row) => ({
    pass: row.pass,
    isAction: row.isAction === 1,
    command: row.command,
    operator: operatorOf(row.operator, row.host),
    started: instant(row.started),
    ended: optionalInstant(row.ended),
    result: row.result ?? undefined,
    note: row.note ?? undefined,
    targets: (targets.all(row.pass) as { target: string; summary: string }[]).map(({ target, summary }) => ({
      target,
      summary: JSON.parse(summary) as unknown,
    })),
    approvals: approvalsOfPass(db, row.pass),
  }));
}

/** The last pass, or the last command by which an operator changed the state; undefined: there is none. */
export function lastPass(db: Db, isOperatorAction: boolean): PassInfo | undefined {
  const row = db
    .prepare(
      `
      select id, command, started, ended, reading, result, note, judgements
      from pass
      where is_operator_action = ?
      order by id desc
      limit 1`,
    )
    .get(isOperatorAction ? 1 : 0) as
    | {
        id: number;
        command: string;
        started: number;
        ended: number | null;
        reading: number | null;
        result: string | null;
        note: string | null;
        judgements: string | null;
      }
    | undefined;
  if (row === undefined) return undefined;
  return {
    id: row.id,
    command: row.command,
    started: instant(row.started),
    ended: optionalInstant(row.ended),
    reading: row.reading ?? undefined,
    result: row.result ?? undefined,
    note: row.note ?? undefined,
    judgements: row.judgements === null ? undefined : (JSON.parse(row.judgements) as PassInfo['judgements']),
  };
}
