import type { Mutex } from 'async-mutex';
import type { Db } from '../database.ts';

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
 */
export class GroupCommit {
  private readonly db: Db;
  private readonly mutex: Mutex;
  private pending: PendingWrite[] = [];

  constructor(db: Db, mutex: Mutex) {
    this.db = db;
    this.mutex = mutex;
  }

  write(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push({ write, resolve, reject });
      if (this.pending.length === 1) setImmediate(() => void this.mutex.runExclusive(async () => this.commit()));
    });
  }

  private commit(): void {
    const batch = this.pending;
    this.pending = [];
    try {
      this.db
        .transaction(() => {
          for (const { write } of batch) write();
        })
        .immediate();
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
