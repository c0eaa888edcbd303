import Database from 'better-sqlite3';
import type { Desk } from '../scimsync.ts';

/** What is remembered of the directory and of the application, and all that a reading that failed must leave alone. */
const tables = [
  'reading',
  'record',
  'record_wider',
  'edge',
  'handle',
  'bearer',
  'reference',
  'account',
  'membership',
  'due',
  'due_edge',
  'waiting',
];

/** The state file's tables as they are: everything but the journal, in which a pass that failed has to stand. */
export function kept(desk: Desk): Readonly<Record<string, readonly unknown[]>> {
  const state = new Database(desk.path('scimsync.db'), { readonly: true });
  try {
    const there = new Set(
      state.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[],
    );
    return Object.fromEntries(
      tables
        .filter((name) => there.has(name))
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
