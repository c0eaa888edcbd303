import type { ClientBase } from 'pg';
import { OperatorError } from '../../model/errors.ts';
import type { LockHolder } from '../sqlite/lock.ts';
import { migrations } from '../sqlite/migrate.ts';
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

/** @param place the state, in words @throws OperatorError for a state that a newer version wrote */
export function requireKnownVersion({ version }: StateRow, place: string): void {
  const { length } = migrations();
  if (version > length)
    throw new OperatorError(
      'state.tooNew',
      `the state in ${place} was written by a newer scimsync (schema ${version}, this one knows ${length}); ` +
        'use that version, or another schema',
    );
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

/**
 * Takes a lock for this session.
 *
 * @param name the table of the state for the lock of a pass; another one for another lock
 * @returns false: another session has it
 */
export async function tryLock(client: ClientBase, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${lockId}) as locked`, [name]);
  return rows[0]?.locked === true;
}

/** Takes a lock that any number of sessions have. */
export async function shareLock(client: ClientBase, name: string): Promise<void> {
  await client.query(`select pg_advisory_lock_shared(${lockId})`, [name]);
}

export async function unlock(client: ClientBase, name: string): Promise<void> {
  await client.query(`select pg_advisory_unlock(${lockId})`, [name]);
}

/** Which sessions have a lock, as a condition on `pg_locks`; `$1` is its name. */
const isLock = `locktype = 'advisory' and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32) | objid::bigint = ${lockId}`;

/** The names of the sessions that have a lock, in the order of their connections. */
export async function sessionsWith(client: ClientBase, name: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where ${isLock} order by a.backend_start`,
    [name],
  );
  return rows.map((row) => row.name);
}

/** The process that has the lock; one that died does not count. Undefined: no process has it. */
export async function liveHolder(
  client: ClientBase,
  layout: Layout,
  { holder }: StateRow,
): Promise<LockHolder | undefined> {
  if (holder === null) return undefined;
  const { rows } = await client.query(`select 1 from pg_locks where ${isLock}`, [layout.state]);
  return rows.length === 0 ? undefined : (JSON.parse(holder) as LockHolder);
}
