import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Db } from '../database.ts';
import type { PlanningTransaction } from '../store.ts';
import type { Transactions } from '../sqlite/transactions.ts';
import type { CountedMutex } from './counted-mutex.ts';
import { untilQuiet } from './until-quiet.ts';

/** A connection with what a planning asks and writes through it. */
export interface PlanningConnection<State> {
  readonly db: Db;
  readonly state: State;
  /** After a rollback, or for another planning: what was opened may not exist any more. */
  forget(): void;
}

/** Ends a slice and begins the next one (`PlanningTransaction.nextSlice`). */
type NextSlice = PlanningTransaction['nextSlice'];

/** How plannings share the database with everything else. */
export interface SharedDatabase {
  /** At most one transaction is open at a time. */
  readonly mutex: CountedMutex;
  /** The transaction that the caller runs in. */
  readonly callers: AsyncLocalStorage<{ isOpen: boolean }>;
  readonly transactions: Transactions;
}

/** Below that of other transactions: a long planning does not make a short one wait for more than a slice. */
const laterSlicePriority = -0.5;

/**
 * Runs plannings in slices. Each slice is a transaction, and between two of them others may write:
 *
 *     planning A    slice ─┐       ┌─ slice ─┐     ┌─ slice ─ …
 *     others               └ write ┘         └ B ──┘
 *
 * The candidates of a planning are in temporary tables, and these belong to a connection. So each of the plannings that
 * overlap has a connection of its own; the first one has that of everything else.
 *
 * @param main the connection of everything else
 * @param openAnother undefined: there is only one connection, so plannings do not overlap
 */
export function openPlanningConnections<State>(
  main: PlanningConnection<State>,
  openAnother: (() => PlanningConnection<State>) | undefined,
  { mutex, callers, transactions: { begin, commit, rollback } }: SharedDatabase,
): {
  run<T>(work: (state: State, nextSlice: NextSlice) => Promise<T>): Promise<T>;
  close(): void;
} {
  const opened = new Set<PlanningConnection<State>>();
  let isMainFree = true;
  let idle: PlanningConnection<State> | undefined;
  const waiting: (() => void)[] = [];

  /** @returns undefined: another planning has the only connection */
  const take = (): PlanningConnection<State> | undefined => {
    if (isMainFree) {
      isMainFree = false;
      return main;
    }
    if (openAnother === undefined) return undefined;
    const connection = idle ?? openAnother();
    idle = undefined;
    opened.add(connection);
    connection.forget();
    return connection;
  };
  const giveBack = (connection: PlanningConnection<State>): void => {
    if (connection === main) {
      isMainFree = true;
      waiting.shift()?.();
    } else if (idle === undefined) idle = connection;
    else {
      opened.delete(connection);
      connection.db.close();
    }
  };

  async function inSlices<T>(work: (state: State, nextSlice: NextSlice) => Promise<T>): Promise<T> {
    let release = await mutex.acquire();
    const connection = take();
    if (connection === undefined) {
      release();
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      return inSlices(work);
    }
    const { db, state } = connection;
    const caller = { isOpen: false };
    const open = async (): Promise<void> => {
      await begin(db);
      caller.isOpen = true;
    };
    const nextSlice: NextSlice = async (meanwhile) => {
      await commit(db);
      caller.isOpen = false;
      release();
      // What it starts outlives it, and is no part of the next slice.
      if (meanwhile !== undefined && openAnother !== undefined) await callers.run({ isOpen: false }, meanwhile);
      await untilQuiet(mutex);
      release = await mutex.acquire(laterSlicePriority);
      await open();
    };
    try {
      await open();
      const result = await callers.run(caller, () => work(state, nextSlice));
      await commit(db);
      return result;
    } catch (error) {
      // Between two slices, an open transaction is one of others.
      if (caller.isOpen) await rollback(db);
      connection.forget();
      throw error;
    } finally {
      caller.isOpen = false;
      giveBack(connection);
      release();
    }
  }

  return {
    run: inSlices,
    close() {
      for (const { db } of opened) db.close();
    },
  };
}
