import { rmSync } from 'node:fs';
import type { ClientBase } from 'pg';
import { OperatorError } from '../../model/errors.ts';
import { closeDatabase, type Db } from '../database.ts';
import { begin } from '../sqlite/begin.ts';
import type { LockHolder } from '../sqlite/lock.ts';
import { connect } from '../sqlite/open-for-reading.ts';
import { createPrivateFile } from '../sqlite/private-file.ts';
import { hasContent } from '../sqlite/state-file.ts';
import { bringUpToDate, isUpToDate, writeHolder } from './bring-up-to-date.ts';
import { ChangeWatch } from './change-watch.ts';
import { createMark, isWorkingCopy } from './copy-mark.ts';
import type { Layout } from './database-layout.ts';
import type { StateRow } from './state-row.ts';

/** The working copy of a process: a state file in SQLite that has what was committed to the database. */
export class WorkingCopy {
  private readonly file: string;
  private readonly isTemporary: boolean;
  private readonly watches = new WeakMap<Db, ChangeWatch>();

  /** @param isTemporary no later process uses it */
  constructor(file: string, isTemporary: boolean) {
    this.file = file;
    this.isTemporary = isTemporary;
  }

  /** @throws OperatorError for a file that is not a working copy: it could be the state of another configuration */
  requireOwn(): void {
    if (!hasContent(this.file)) return;
    const db = connect(this.file, {});
    try {
      if (isWorkingCopy(db)) return;
    } finally {
      db.close();
    }
    throw new OperatorError(
      'state.notACopy',
      `"state.postgres.copy" names ${this.file}, which is no working copy of a state in a database. Nothing was ` +
        'changed. Name another file; "scimsync state copy" copies a state to the database',
      4,
    );
  }

  /** Removes the copy of a state that does not exist. */
  remove(): void {
    for (const ending of ['', '-wal', '-shm', '-journal', '.lock']) rmSync(this.file + ending, { force: true });
  }

  /** What notes the changes of a connection to the copy. */
  watchOf(db: Db): ChangeWatch {
    const known = this.watches.get(db);
    if (known !== undefined) return known;
    // A power cut costs nothing that the database does not have.
    if (this.isTemporary) db.pragma('synchronous = off');
    createMark(db);
    const watch = new ChangeWatch(db);
    this.watches.set(db, watch);
    return watch;
  }

  /**
   * Brings the copy to a row of the state, in whose transaction the client is.
   *
   * @param holder the process that has the lock; 'own': it is in the copy already
   */
  async bringTo(
    client: ClientBase,
    layout: Layout,
    row: StateRow,
    holder: LockHolder | 'own' | undefined,
  ): Promise<void> {
    await this.withConnection(async (db) => {
      await begin(db, undefined);
      if (!isUpToDate(db, row)) await bringUpToDate(db, client, layout, row);
      if (holder !== 'own') writeHolder(db, holder);
      db.exec('commit');
    });
  }

  /** Runs work with a connection that does not enforce what the database has already. */
  async withConnection<T>(work: (db: Db) => Promise<T>): Promise<T> {
    createPrivateFile(this.file);
    const db = connect(this.file, {});
    try {
      db.pragma('foreign_keys = off');
      if (this.isTemporary) db.pragma('synchronous = off');
      if (db.pragma('page_count', { simple: true }) === 0) db.pragma('auto_vacuum = incremental');
      return await work(db);
    } finally {
      if (db.inTransaction) db.exec('rollback');
      closeDatabase(db);
    }
  }
}
