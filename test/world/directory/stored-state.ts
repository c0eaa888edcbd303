import Database from 'better-sqlite3';
import type { CliWorkspace } from '../cli-workspace.ts';

/** Tables of the journal, to which a failed pass is added, and of the lock. */
const journalTables = ['pass', 'pass_target', 'operation', 'operation_member', 'note', 'holder'];

/** The rows of all other tables of the state file: a pass that fails must not change them. */
export function storedState(cli: CliWorkspace): Readonly<Record<string, readonly unknown[]>> {
  const state = new Database(cli.path('scimsync.db'), { readonly: true });
  try {
    const tables = state.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
    return Object.fromEntries(
      tables
        .filter((name) => !journalTables.includes(name))
        .map((name) => [
          name,
          state
            .prepare(`select * from "${name}"`)
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
