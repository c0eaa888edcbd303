import type Database from 'better-sqlite3';
import { isBusy } from './begin.ts';

type Db = Database.Database;

/**
 * Puts the state into WAL mode once it has a reading. Until then it stays in rollback mode (docs/decisions/0084): a
 * rollback journal holds what changed pages were before, and a first reading only adds pages. So the journal stays
 * small, and each page is written once. A write-ahead log would hold all of them.
 *
 * @returns what to call when the state was opened, and after each transaction
 */
export function writeAheadAfterFirstReading(db: Db): () => void {
  let isWriteAhead = db.memory;
  return () => {
    if (!isWriteAhead) isWriteAhead = withoutWaiting(db, () => hasReading(db) && enterWriteAheadMode(db));
  };
}

const hasReading = (db: Db): boolean =>
  db.prepare(`select 1 from sqlite_schema where type = 'table' and name = 'reading'`).get() !== undefined &&
  db.prepare('select 1 from reading').get() !== undefined;

/**
 * The log is copied to the state after this number of pages (32 MB). With the default of SQLite, 4 MB, a first load
 * copies the pages of its indexes several times a second.
 */
const pagesOfLog = 8000;

/** SQLite needs the file for itself. In rollback mode, the default of SQLite is synchronous=full. */
function enterWriteAheadMode(db: Db): true {
  db.pragma('journal_mode = wal');
  writeAhead(db);
  return true;
}

/** How a connection writes to a state in WAL mode. */
export function writeAhead(db: Db): void {
  db.pragma('synchronous = normal');
  db.pragma(`wal_autocheckpoint = ${pagesOfLog}`);
}

/** @returns false if another connection uses the state: the next call tries again */
function withoutWaiting(db: Db, work: () => boolean): boolean {
  const timeoutMs = Number(db.pragma('busy_timeout', { simple: true }));
  db.pragma('busy_timeout = 0');
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  } finally {
    db.pragma(`busy_timeout = ${timeoutMs}`);
  }
}
