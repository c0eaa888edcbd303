import type { Mutex } from 'async-mutex';
import type { Db } from '../database.ts';
import { beginOnState } from './begin.ts';

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
  private pending: PendingWrite[] = [];

  /** @param isInTransaction whether the caller runs inside the open transaction */
  constructor(db: Db, mutex: Mutex, isInTransaction: () => boolean) {
    this.db = db;
    this.mutex = mutex;
    this.isInTransaction = isInTransaction;
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
      beginOnState(this.db);
      for (const { write } of batch) write();
      this.db.exec('commit');
    } catch (error) {
      if (this.db.inTransaction) this.db.exec('rollback');
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { resolve } of batch) resolve();
  }
}
