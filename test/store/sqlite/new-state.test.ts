import { expect, test } from '@jest/globals';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { schemaVersion } from '../../../src/store/sqlite/migrate.ts';
import { stateBefore } from '../earlier-state.ts';
import { stateFile } from '../state.ts';

/** A state that all migrations, one by one, lead to. */
const migrated = (): Db => openDatabase(stateBefore('9999', ''));

const schemaOf = (db: Db): readonly unknown[] =>
  db.prepare('select type, name, tbl_name, sql from sqlite_master order by type, name').all();

test('a new state has the tables, indexes and triggers that all migrations lead to', () => {
  const created = openDatabase(stateFile());
  const reached = migrated();
  expect(schemaOf(created)).toEqual(schemaOf(reached));
  expect(schemaVersion(created)).toBe(schemaVersion(reached));
  expect(created.pragma('application_id')).toEqual(reached.pragma('application_id'));
  created.close();
  reached.close();
});

test('no migration fills a table of a new state, which the schema alone would leave empty', () => {
  const db = migrated();
  const tables = db.prepare<[], string>(`select name from sqlite_master where type = 'table'`).pluck().all();
  const filled = tables.filter((name) => db.prepare(`select 1 from "${name}"`).get() !== undefined);
  expect(filled).toEqual([]);
  db.close();
});
