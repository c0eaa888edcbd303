import type { Mutex } from 'async-mutex';
import type { Db } from '../database.ts';

/** Above that of transactions: the requests of a lane do not wait until all other targets are planned. */
const writePriority = 1;

interface PendingWrite {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the writes of many operations that run at about the same time, and commits them in one transaction.
 *
 *     write ─┐
 *     write ─┼─ setImmediate ─ begin · write · write · write · commit ─ all three resolve
 *     write ─┘
 *
 * One commit per write costs about a third of a request; a common commit costs a tenth of that per write. A write
 * resolves only after its commit.
 *
 * All lanes share one connection. A write of one lane waits for the end of a transaction of another one, so that it is
 * not rolled back with it. A write of the transaction itself is part of it.
 */
export class GroupCommit {
  private readonly db: Db;
  private readonly mutex: Mutex;
  private readonly isInTransaction: () => boolean;
  private readonly begin: () => void;
  private readonly end: () => void;
  private pending: PendingWrite[] = [];

  /** @param isInTransaction whether the caller runs inside the open transaction */
  constructor(db: Db, mutex: Mutex, isInTransaction: () => boolean) {
    this.db = db;
    this.mutex = mutex;
    this.isInTransaction = isInTransaction;
    // "begin immediate" would also begin to write to the temporary tables, and the commit would visit each of their
    // pages in memory: some thousands after a planning. The update finds no row, and waits until this connection alone
    // may write to the state.
    const [begin, waitForOthers] = [db.prepare('begin'), db.prepare('update notice set at = at where id = 0')];
    const commit = db.prepare('commit');
    this.begin = () => {
      begin.run();
      waitForOthers.run();
    };
    this.end = () => void commit.run();
  }

  async write(write: () => void): Promise<void> {
    if (this.isInTransaction()) {
      write();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.pending.push({ write, resolve, reject });
      if (this.pending.length === 1)
        setImmediate(() => void this.mutex.runExclusive(async () => this.commit(), writePriority));
    });
  }

  private commit(): void {
    const batch = this.pending;
    this.pending = [];
    try {
      this.begin();
      for (const { write } of batch) write();
      this.end();
    } catch (error) {
      if (this.db.inTransaction) this.db.exec('rollback');
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { resolve } of batch) resolve();
  }
}
