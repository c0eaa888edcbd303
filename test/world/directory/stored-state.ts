import Database from 'better-sqlite3';
import type { CliWorkspace } from '../cli-workspace.ts';

/** What is remembered of the directory and of the application, and all that a reading that failed must leave alone. */
const tables = [
  'reading',
  'record',
  'source_membership',
  'handle',
  'handle_owner',
  'reference',
  'account',
  'membership',
  'requeue',
  'requeue_membership',
  'pending_manager',
];

/** The state file's tables as they are: everything but the journal, in which a pass that failed has to stand. */
export function storedState(cli: CliWorkspace): Readonly<Record<string, readonly unknown[]>> {
  const state = new Database(cli.path('scimsync.db'), { readonly: true });
  try {
    const existing = new Set(
      state.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[],
    );
    return Object.fromEntries(
      tables
        .filter((name) => existing.has(name))
        .map((name) => [
          name,
          state
            .prepare(`select * from ${name}`)
            .raw()
            .all()
            .map((row) => JSON.stringify(row))
            .sort(),
        ]),
    );
  } finally {
    state.close();
  }
}
