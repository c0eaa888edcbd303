import { instant, type Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { ApprovalRecord, PassInfo } from '../store.ts';
import { approvalsOfPass } from './approvals.ts';

/** A pass with its results and approvals. */
export interface PassRow {
  readonly pass: number;
  readonly command: string;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly result: string | undefined;
  readonly note: string | undefined;
  /** The summary that `sync --json` prints, by target. */
  readonly targets: readonly { readonly target: string; readonly summary: unknown }[];
  readonly approvals: readonly ApprovalRecord[];
}

/** The passes since a time, oldest first, read one by one. */
export const passesSince = (db: Db, since: Instant): Generator<PassRow> =>
  readPasses(db, 'started >= :since', 'id', { since });

/**
 * The passes of a condition, read one by one.
 *
 * @param where a condition in SQL
 * @param order the order in SQL, with its limit
 */
export function* readPasses(
  db: Db,
  where: string,
  order: string,
  parameters: Readonly<Record<string, number>>,
): Generator<PassRow> {
  const passes = db.prepare(`
    select id as pass, command, started, ended, result, note
    from pass
    where ${where}
      and is_operator_action = 0
    order by ${order}`);
  const targets = db.prepare(`
    select t.name as target, p.summary
    from pass_target p
    join target t on t.id = p.target
    where p.pass = ?
    order by t.name`);
  for (const row of passes.iterate(parameters) as IterableIterator<Record<string, number | string | null>>) {
    const pass = Number(row['pass']);
    yield {
      pass,
      command: String(row['command']),
      started: instant(Number(row['started'])),
      ended: optionalInstant(row['ended'] as number | null),
      result: (row['result'] as string | null) ?? undefined,
      note: (row['note'] as string | null) ?? undefined,
      targets: (targets.all(pass) as { target: string; summary: string }[]).map(({ target, summary }) => ({
        target,
        summary: JSON.parse(summary) as unknown,
      })),
      approvals: approvalsOfPass(db, pass),
    };
  }
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
