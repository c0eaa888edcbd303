import { instant, type Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { ApprovalRecord } from '../store.ts';
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
export function* passesSince(db: Db, since: Instant): Generator<PassRow> {
  const passes = db.prepare(`
    select id as pass, command, started, ended, result, note
    from pass
    where started >= ?
      and is_operator_action = 0
    order by id`);
  const targets = db.prepare(`
    select t.name as target, p.summary
    from pass_target p
    join target t on t.id = p.target
    where p.pass = ?
    order by t.name`);
  for (const row of passes.iterate(since) as IterableIterator<Record<string, number | string | null>>) {
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
