import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { OperatorError } from '../../src/model/errors.ts';
import { openDatabase, openReadOnlyDatabase, type Db } from '../../src/store/database.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import type {
  CommandTarget,
  CommandTransaction,
  DryRunTransaction,
  Mirror,
  PlanningTarget,
  ServingTarget,
  Store,
} from '../../src/store/store.ts';
import { stageAndCommit, type Read, type ReadOptions, type Tables } from './readings.ts';

export * from './readings.ts';

/** The schema of this version: the number of its migrations. */
export const currentSchema = readdirSync(join(import.meta.dirname, '..', '..', 'src', 'store', 'migrations')).filter(
  (name) => name.endsWith('.sql'),
).length;

const endings: (() => void)[] = [];

afterEach(() => {
  for (const end of endings.splice(0).reverse()) end();
});

/** Runs at the end of the test. */
export function atEnd(end: () => void): void {
  endings.push(end);
}

export function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-store-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state.db');
}

/** The store of SQLite has all sides at once. The tests of its tables call them in any order. */
export type EverySide = Omit<Store, 'target'> &
  Omit<CommandTransaction, 'target'> &
  Omit<DryRunTransaction, 'target'> & {
    target(name: string): Promise<ServingTarget & PlanningTarget & CommandTarget>;
  };

/** @see openStore */
export const openEverySide = (file: string): EverySide => openStore(file) as EverySide;

export interface State {
  readonly file: string;
  readonly store: EverySide;
  /** A separate connection, for queries of the tables. */
  readonly db: Db;
  /** The first column of every row of a query. */
  ask(sql: string, ...parameters: unknown[]): unknown[];
}

export function state(file = stateFile()): State {
  const store = openEverySide(file);
  const db = openReadOnlyDatabase(file);
  if (db === undefined) throw new Error('there is no state');
  atEnd(() => {
    db.close();
    store.close();
  });
  return {
    file,
    store,
    db,
    ask: (sql, ...parameters) =>
      db
        .prepare(sql)
        .pluck()
        .all(...parameters),
  };
}

/** A database in memory with all tables. */
export function tables(): Db {
  const db = openDatabase(':memory:');
  atEnd(() => db.close());
  return db;
}

/** The error that a call throws. */
export function errorOf(call: () => unknown): OperatorError {
  try {
    call();
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('the call throws no error');
}

/** The error with which a call ends. */
export async function refusal(call: Promise<unknown>): Promise<OperatorError> {
  const result = await call.catch((error: unknown) => error);
  if (result instanceof OperatorError) return result;
  throw new Error('the call throws no error of an operator', { cause: result });
}

/** All rows, by table. */
export function dump(db: Db): Record<string, unknown[]> {
  const names = db
    .prepare(`select name from sqlite_schema where type = 'table' order by name`)
    .pluck()
    .all() as string[];
  // Without an order, SQLite may read any index that has all columns.
  const rows = (name: string): unknown[] => {
    const columns = db.prepare(`select name from pragma_table_info('${name}') where pk > 0 order by pk`).pluck().all();
    return db.prepare(`select * from ${name} order by ${[...columns, 1].join(', ')}`).all();
  };
  return Object.fromEntries(names.map((name) => [name, rows(name)]));
}

// Readings ---------------------------------------------------------------------------------------------------------

interface ReadableStore {
  readonly mirror: Mirror;
  readingAndPlanning<T>(work: () => Promise<T>): Promise<T>;
}

/** Stages and commits a reading as a pass does. */
export function read(
  { store }: { readonly store: ReadableStore },
  given: Tables,
  options: ReadOptions = {},
): Promise<Read> {
  return store.readingAndPlanning(() => stageAndCommit(store, given, options));
}

/** A line for each record and membership in the mirror: `User ada active {"mail":["a@x"]}`, `eng>ada`. */
export function present({ ask }: Pick<State, 'ask'>): unknown[] {
  return [
    ...ask(`
      select resource_type || ' ' || key || iif(active, '', ' inactive') || ' ' || attributes
      from record
      where removed_in is null
      order by resource_type desc, key`),
    ...ask(`
      select group_key || '>' || member_key
      from source_membership
      where removed_in is null
      order by group_key, member_key`),
  ];
}

/** The changes of a reading: `User ada`, `eng>ada`, and `-User bob` for a removal. */
export function changed({ ask }: Pick<State, 'ask'>, number: number): unknown[] {
  return [
    ...ask(
      `
        select iif(removed_in is null, '', '-') || resource_type || ' ' || key
        from record
        where changed_in = ?
        order by resource_type desc, key`,
      number,
    ),
    ...ask(
      `
        select iif(removed_in is null, '', '-') || group_key || '>' || member_key
        from source_membership
        where changed_in = ?
        order by group_key, member_key`,
      number,
    ),
  ];
}
