import type { ClientBase } from 'pg';
import type { LockHolder } from '../sqlite/lock.ts';
import { createLayout, type Layout } from './database-layout.ts';
import { quoted } from './table-shapes.ts';

/** The row of `scimsync_state`. */
export interface StateRow {
  /** Number of the migrations that were applied; 0: it is empty. */
  readonly version: number;
  /** The number of the last commit; 0: it is empty. */
  readonly revision: number;
  /** The changes of later commits are recorded. */
  readonly oldestChange: number;
  /** Identifies the last commit. It begins with the process that made it. */
  readonly stamp: string;
  /** The table `sqlite_sequence`, as JSON. */
  readonly sequences: string;
  /** How often the state was locked. */
  readonly epoch: number;
  /** The process that locked the state last and did not free it, as JSON. */
  readonly holder: string | null;
}

/** The number of the lock of a state, in SQL. Locks of sessions belong to the database. */
const lockId = 'hashtextextended($1, 0)';

const columns = 'version, revision, oldest_change as "oldestChange", stamp, sequences, epoch, holder';

/** Whether the schema has a state. */
export async function hasState(client: ClientBase, layout: Layout): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    layout.state,
  ]);
  return rows[0]?.found === true;
}

/** Creates the schema, unless it exists, and in it an empty state. Another process may do so at the same time. */
export async function createState(client: ClientBase, layout: Layout, schema: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`select pg_advisory_xact_lock(${lockId})`, [`creation of ${layout.state}`]);
    const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
    // An existing schema needs no right to create one.
    if (rows.length === 0) await client.query(`create schema ${quoted(schema)}`);
    for (const sql of createLayout(layout)) await client.query(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Begins a transaction that writes. It waits until the transactions of other processes end. */
export async function beginWriting(client: ClientBase, layout: Layout): Promise<StateRow> {
  // Two statements in one message: one round trip. Its results are a list.
  const results = (await client.query(
    `begin; select ${columns} from ${layout.state} where id = 1 for update`,
  )) as unknown as readonly { readonly rows: readonly StateRow[] }[];
  return requireRow(results[1]?.rows[0]);
}

/** Begins a transaction that reads one moment. */
export async function beginReading(client: ClientBase, layout: Layout): Promise<StateRow> {
  await client.query('begin isolation level repeatable read read only');
  const { rows } = await client.query<StateRow>(`select ${columns} from ${layout.state} where id = 1`);
  return requireRow(rows[0]);
}

function requireRow(row: StateRow | undefined): StateRow {
  if (row === undefined) throw new Error('scimsync_state has no row');
  return row;
}

/** Locks the state for this session. @returns false: another session has the lock */
export async function tryLock(client: ClientBase, layout: Layout): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${lockId}) as locked`, [
    layout.state,
  ]);
  return rows[0]?.locked === true;
}

export async function unlock(client: ClientBase, layout: Layout): Promise<void> {
  await client.query(`select pg_advisory_unlock(${lockId})`, [layout.state]);
}

/** The process that has the lock; one that died does not count. Undefined: no process has it. */
export async function liveHolder(
  client: ClientBase,
  layout: Layout,
  { holder }: StateRow,
): Promise<LockHolder | undefined> {
  if (holder === null) return undefined;
  const { rows } = await client.query(
    `select 1 from pg_locks where locktype = 'advisory' and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32) | objid::bigint = ${lockId}`,
    [layout.state],
  );
  return rows.length === 0 ? undefined : (JSON.parse(holder) as LockHolder);
}
