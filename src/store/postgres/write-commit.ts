import type { ClientBase } from 'pg';
import type { Db } from '../database.ts';
import { schemaVersion } from '../sqlite/migrate.ts';
import { readSequences } from './bring-up-to-date.ts';
import { allRows, type ChangeWatch, type ChangedRows, type Values } from './change-watch.ts';
import { CommitStatements } from './commit-statements.ts';
import type { Layout } from './database-layout.ts';
import { arrayText } from './encode-values.ts';
import { createTables, definitionsOf, dropTables, writeDefinitions } from './definitions.ts';
import type { StateRow } from './state-row.ts';
import { tableShapes } from './table-shapes.ts';

/** A commit with more keys is not recorded: other copies are then loaded again. */
const maxRecordedKeys = 100_000;
/** Commits whose changes stay recorded. */
const recordedCommits = 2_000;
/** How often older records are deleted, in commits. */
const commitsPerCleaning = 100;

/** What a commit writes. */
export interface Commit {
  readonly db: Db;
  readonly watch: ChangeWatch;
  /** The state before it. */
  readonly row: StateRow;
  /** Whether it changed the definitions of tables. */
  readonly isRedefined: boolean;
  /** Whether it writes all rows, and not those that changed. */
  readonly hasAllRows: boolean;
  /** Identifies it. */
  readonly stamp: string;
}

/** Whether the database needs all rows: it is empty, or the copy was migrated. */
export const needsAllRows = (db: Db, row: StateRow): boolean => row.revision === 0 || row.version !== schemaVersion(db);

/** Writes the changes of a transaction, and commits them. The transaction of the database is open. */
export async function writeCommit(client: ClientBase, layout: Layout, commit: Commit): Promise<void> {
  const statements = new CommitStatements(client, layout);
  const recorded = commit.hasAllRows
    ? await writeWhole(client, layout, commit, statements)
    : await writeChanges(client, layout, commit, statements);
  const { db, row, stamp } = commit;
  const revision = row.revision + 1;
  const names = recorded === undefined ? [] : [...recorded.keys()];
  const oldest = recorded === undefined ? revision : Math.max(row.oldestChange, revision - recordedCommits);
  if (names.length > 0)
    statements.add({
      sql: (first) =>
        `insert into ${layout.change} (revision, stamp, table_name, keys) ` +
        `select $${first}::bigint, $${first + 1}::text, k.name, k.keys ` +
        `from unnest($${first + 2}::text[], $${first + 3}::text[]) as k (name, keys)`,
      parameters: [
        ...[revision, stamp],
        arrayText(names, 'text'),
        arrayText(
          names.map((name) => JSON.stringify(recorded?.get(name))),
          'text',
        ),
      ],
    });
  await statements.finish(
    (parameter) =>
      `update ${layout.state} set revision = ${parameter(1)}, version = ${parameter(2)}, stamp = ${parameter(3)}, ` +
      `sequences = ${parameter(4)}, oldest_change = ${parameter(5)} where id = 1 ` +
      `returning pg_notify(${parameter(6)}::text, ${parameter(3)}::text)`,
    [revision, schemaVersion(db), stamp, readSequences(db), oldest, layout.channel],
  );
  if (revision % commitsPerCleaning === 0)
    await client.query(`delete from ${layout.change} where revision <= $1`, [oldest]);
  await client.query('commit');
}

/** The keys that changed, by table; undefined: too many, or the tables are others. */
type Recorded = ReadonlyMap<string, readonly Values[]> | undefined;

async function writeChanges(
  client: ClientBase,
  layout: Layout,
  { db, watch, isRedefined }: Commit,
  statements: CommitStatements,
): Promise<Recorded> {
  if (isRedefined) {
    const { rows } = await client.query<{ name: string }>(`select name from ${layout.definition} where type = 'table'`);
    const names = watch.tables.map(({ name }) => name);
    const gone = rows.map(({ name }) => name).filter((name) => !names.includes(name));
    await dropTables(client, layout, [...gone, ...watch.createdTables]);
    await createTables(
      client,
      layout,
      watch.tables.filter(({ name }) => watch.createdTables.includes(name)),
    );
    await writeDefinitions(client, layout, definitionsOf(db));
  }
  const recorded = new Map<string, Values[]>();
  let count = 0;
  for (const changed of watch.changes()) {
    await statements.write(changed);
    count += changed.present.length + changed.deleted.length;
    if (isRedefined || count > maxRecordedKeys) continue;
    const keys = recorded.get(changed.shape.name) ?? [];
    recorded.set(changed.shape.name, keys);
    for (const key of keysOf(changed)) keys.push(key);
  }
  return isRedefined || count > maxRecordedKeys ? undefined : recorded;
}

function keysOf({ shape, deleted, present }: ChangedRows): readonly Values[] {
  const places = shape.key.map((column) => shape.columns.findIndex(({ name }) => name === column.name));
  return [...deleted, ...present.map((row) => places.map((place) => row[place] ?? null))];
}

async function writeWhole(
  client: ClientBase,
  layout: Layout,
  { db }: Commit,
  statements: CommitStatements,
): Promise<undefined> {
  const { rows } = await client.query<{ name: string }>(`select name from ${layout.definition} where type = 'table'`);
  const shapes = tableShapes(db);
  await dropTables(client, layout, new Set([...rows, ...shapes].map(({ name }) => name)));
  await createTables(client, layout, shapes);
  await writeDefinitions(client, layout, definitionsOf(db));
  for (const shape of shapes) for (const page of allRows(db, shape)) await statements.write(page);
  await client.query(`delete from ${layout.change}`);
}
