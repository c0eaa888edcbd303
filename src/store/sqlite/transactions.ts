import type { Db } from '../database.ts';
import { begin, type WaitForWriter } from './begin.ts';

/** How the transactions of a state begin and end. */
export interface Transactions {
  /** Begins a transaction that writes, after those of other processes. @throws OperatorError */
  begin(db: Db): Promise<void>;
  commit(db: Db): void | Promise<void>;
  /** Also after a commit that failed, and where no transaction is open. */
  rollback(db: Db): void | Promise<void>;
  /** Runs short work in a transaction of its own. */
  run(db: Db, work: () => void): void | Promise<void>;
}

/** The transactions of a state in a file. */
export const localTransactions = (waitForWriter: WaitForWriter | undefined): Transactions => ({
  begin: (db) => begin(db, waitForWriter),
  commit(db) {
    db.exec('commit');
  },
  rollback(db) {
    if (db.inTransaction) db.exec('rollback');
  },
  run(db, work) {
    try {
      // "begin immediate" would also begin to write to the temporary tables, and the commit would visit each of their
      // pages in memory: some thousands after a planning. The update finds no row, and waits until this connection
      // alone may write to the state.
      db.prepare('begin').run();
      db.prepare('update notice set at = at where id = 0').run();
      work();
      db.prepare('commit').run();
    } catch (error) {
      if (db.inTransaction) db.exec('rollback');
      throw error;
    }
  },
});

/** Runs work in a transaction. @param onRollback what the transaction created does not exist any more */
export async function inTransaction<T>(
  { begin, commit, rollback }: Transactions,
  db: Db,
  work: () => Promise<T>,
  onRollback: () => void,
): Promise<T> {
  await begin(db);
  try {
    const result = await work();
    await commit(db);
    return result;
  } catch (error) {
    await rollback(db);
    onRollback();
    throw error;
  }
}

/** Runs work in a part of the open transaction that is rolled back by itself. */
export async function inSavepoint<T>(db: Db, work: () => Promise<T>, onRollback: () => void): Promise<T> {
  db.exec('savepoint work');
  try {
    const result = await work();
    db.exec('release work');
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec('rollback to work; release work');
    onRollback();
    throw error;
  }
}
