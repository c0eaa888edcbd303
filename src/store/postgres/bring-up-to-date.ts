import type { ClientBase } from 'pg';
import type { Db } from '../database.ts';
import type { LockHolder } from '../sqlite/lock.ts';
import { schemaVersion } from '../sqlite/migrate.ts';
import { stateApplicationId } from '../sqlite/state-file.ts';
import type { Value, Values } from './change-watch.ts';
import { allRowsOf, selectionOf } from './commit-statements.ts';
import { readMark, writeMark, type CopyMark } from './copy-mark.ts';
import type { Layout } from './database-layout.ts';
import { dropCopy, readDefinitions, withoutTriggers } from './definitions.ts';
import type { StateRow } from './state-row.ts';
import { quoted, tableShapes, type TableShape } from './table-shapes.ts';

const rowsPerFetch = 5_000;

/** Whether a copy has everything up to this row. */
export const isUpToDate = (db: Db, { stamp }: StateRow): boolean => readMark(db)?.stamp === stamp;

/**
 * Brings a copy to the state of the database: by the rows that changed, or, where these are not known, by all rows.
 *
 * @param db a connection to the copy without foreign keys, in a transaction
 * @param client in a transaction that sees the state at this row
 */
export async function bringUpToDate(db: Db, client: ClientBase, layout: Layout, row: StateRow): Promise<void> {
  const mark = readMark(db);
  if (
    mark !== undefined &&
    schemaVersion(db) === row.version &&
    mark.revision >= row.oldestChange &&
    (await isCommit(client, layout, mark))
  )
    await withoutTriggers(db, () => applyChanges(db, client, layout, mark.revision));
  else await loadAll(db, client, layout, row.version);
  writeSequences(db, row.sequences);
  writeMark(db, row);
}

/** Whether the state has this commit in its past. */
async function isCommit(client: ClientBase, layout: Layout, { revision, stamp }: CopyMark): Promise<boolean> {
  const { rows } = await client.query(`select 1 from ${layout.change} where revision = $1 and stamp = $2 limit 1`, [
    ...[revision, stamp],
  ]);
  return rows.length > 0;
}

/** Who has the lock, as the copy states it. @param db with nothing else to do */
export function writeHolder(db: Db, holder: LockHolder | undefined): void {
  db.exec('delete from holder');
  if (holder === undefined) return;
  const { pid, host, command, since } = holder;
  db.prepare('insert into holder (id, pid, host, command, since) values (1, ?, ?, ?, ?)').run(
    ...[pid, host, command, since],
  );
}

/** Indexes are created last, so that their entries are sorted once. */
async function loadAll(db: Db, client: ClientBase, layout: Layout, version: number): Promise<void> {
  dropCopy(db);
  const definitions = await readDefinitions(client, layout);
  for (const { type, sql } of definitions) if (type === 'table') db.exec(sql);
  for (const shape of tableShapes(db)) {
    const insert = insertion(db, shape);
    await client.query(`declare loading no scroll cursor for ${allRowsOf(layout, shape)}`);
    for (;;) {
      const { rows } = await client.query<Value[]>({ text: `fetch ${rowsPerFetch} from loading`, rowMode: 'array' });
      for (const values of rows) insert(values);
      if (rows.length < rowsPerFetch) break;
    }
    await client.query('close loading');
  }
  for (const { type, sql } of definitions) if (type !== 'table') db.exec(sql);
  db.pragma(`user_version = ${version}`);
  db.pragma(`application_id = ${stateApplicationId}`);
}

/** All rows that changed are deleted before the first is written: two rows may have exchanged a unique value. */
async function applyChanges(db: Db, client: ClientBase, layout: Layout, after: number): Promise<void> {
  const { rows: changes } = await client.query<{ table: string; keys: string }>(
    `select table_name as table, keys from ${layout.change} where revision > $1 order by revision`,
    [after],
  );
  const keysOf = new Map<string, Map<string, Values>>();
  for (const { table, keys } of changes) {
    const known = keysOf.get(table) ?? new Map<string, Values>();
    keysOf.set(table, known);
    for (const key of JSON.parse(keys) as Values[]) known.set(JSON.stringify(key), key);
  }
  for (const shape of tableShapes(db)) {
    const keys = [...(keysOf.get(shape.name)?.values() ?? [])];
    if (keys.length > 0) await applyTable(db, client, layout, shape, keys);
  }
}

async function applyTable(
  db: Db,
  client: ClientBase,
  layout: Layout,
  shape: TableShape,
  keys: readonly Values[],
): Promise<void> {
  const isSame = shape.key.map(({ name }) => `${quoted(name)} = ?`).join(' and ');
  const remove = db.prepare(`delete from main.${quoted(shape.name)} where ${isSame}`);
  for (const key of keys) remove.run(...key);
  const insert = insertion(db, shape);
  for (let start = 0; start < keys.length; start += rowsPerFetch) {
    const { text, values } = selectionOf(layout, shape, keys.slice(start, start + rowsPerFetch));
    const { rows } = await client.query<Value[]>({ text, values, rowMode: 'array' });
    for (const row of rows) insert(row);
  }
}

function insertion(db: Db, { name, columns }: TableShape): (values: Values) => void {
  const statement = db.prepare(
    `insert into main.${quoted(name)} (${columns.map((column) => quoted(column.name)).join(', ')})
    values (${columns.map(() => '?').join(', ')})`,
  );
  return (values) => void statement.run(...values);
}

/** The numbers that `autoincrement` gave. */
export const readSequences = (db: Db): string => {
  const hasSequences = db.prepare(`select 1 from sqlite_schema where name = 'sqlite_sequence'`).get() !== undefined;
  return JSON.stringify(hasSequences ? db.prepare('select name, seq from sqlite_sequence order by name').all() : []);
};

function writeSequences(db: Db, text: string): void {
  if (readSequences(db) === text) return;
  db.exec('delete from sqlite_sequence');
  const insert = db.prepare('insert into sqlite_sequence (name, seq) values (?, ?)');
  for (const { name, seq } of JSON.parse(text) as { name: string; seq: number }[]) insert.run(name, seq);
}
