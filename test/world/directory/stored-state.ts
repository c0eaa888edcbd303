import Database from 'better-sqlite3';
import type { CliWorkspace } from '../cli-workspace.ts';

/** Tables of the journal, to which a failed pass is added, and of the lock. */
const journalTables = ['pass', 'pass_target', 'operation', 'operation_member', 'note', 'holder'];

/** Names of columns, by table. */
type Columns = Readonly<Record<string, readonly string[]>>;

/** The rows of all other tables of the state file, without `omitted`: a pass that fails must not change them. */
export function storedState(cli: CliWorkspace, omitted: Columns = {}): Readonly<Record<string, readonly string[]>> {
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
            .all()
            .map((row) => rowText(row as object, omitted[name]))
            .sort(),
        ]),
    );
  } finally {
    state.close();
  }
}

const rowText = (row: object, omitted: readonly string[] = []): string =>
  JSON.stringify(Object.fromEntries(Object.entries(row).filter(([column]) => !omitted.includes(column))));
