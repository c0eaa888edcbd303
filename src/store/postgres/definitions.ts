import type { ClientBase } from 'pg';
import type { Db } from '../database.ts';
import { createTable, type Layout } from './database-layout.ts';
import { arrayText } from './encode-values.ts';
import { markTable, quoted, type TableShape } from './table-shapes.ts';

/** A table, index or trigger of the state, as SQLite defines it. */
export interface Definition {
  readonly type: 'table' | 'index' | 'trigger';
  readonly name: string;
  readonly sql: string;
}

/** The definitions of a state, tables first. */
export const definitionsOf = (db: Db): readonly Definition[] =>
  db
    .prepare(
      `select type, name, sql
      from sqlite_schema
      where sql is not null
        and name not glob 'sqlite_*'
        and tbl_name <> ?
      order by type = 'trigger', type = 'index', name`,
    )
    .all(markTable) as Definition[];

/** Reads the definitions of the state in the database. */
export async function readDefinitions(client: ClientBase, layout: Layout): Promise<readonly Definition[]> {
  const { rows } = await client.query<Definition>(`select type, name, sql from ${layout.definition} order by position`);
  return rows;
}

/** Replaces the definitions of the state in the database. */
export async function writeDefinitions(
  client: ClientBase,
  layout: Layout,
  definitions: readonly Definition[],
): Promise<void> {
  await client.query(`delete from ${layout.definition}`);
  await client.query(
    `insert into ${layout.definition} (position, type, name, sql)
    select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])`,
    [
      arrayText([...definitions.keys()], 'bigint'),
      ...(['type', 'name', 'sql'] as const).map((name) =>
        arrayText(
          definitions.map((one) => one[name]),
          'text',
        ),
      ),
    ],
  );
}

/** Runs statements without parameters in one round trip. */
async function runAll(client: ClientBase, statements: readonly string[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.join(';'));
}

/** Removes the tables of a state in the database. */
export async function dropTables(client: ClientBase, layout: Layout, names: Iterable<string>): Promise<void> {
  await runAll(
    client,
    [...names].map((name) => `drop table if exists ${layout.table(name)}`),
  );
}

/** Creates tables of a state in the database. */
export async function createTables(client: ClientBase, layout: Layout, shapes: readonly TableShape[]): Promise<void> {
  await runAll(
    client,
    shapes.map((shape) => createTable(layout, shape)),
  );
}

/** Drops the tables of a copy, with their indexes and triggers. */
export function dropCopy(db: Db): void {
  for (const { type, name } of definitionsOf(db)) if (type === 'table') db.exec(`drop table ${quoted(name)}`);
}

/** Runs work without the triggers of the state: what they write is among the rows that are written. */
export async function withoutTriggers(db: Db, work: () => Promise<void>): Promise<void> {
  const triggers = definitionsOf(db).filter(({ type }) => type === 'trigger');
  for (const { name } of triggers) db.exec(`drop trigger ${quoted(name)}`);
  await work();
  for (const { sql } of triggers) db.exec(sql);
}
