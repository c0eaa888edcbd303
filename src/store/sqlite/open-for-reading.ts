import Database from 'better-sqlite3';
import { schemaVersion } from './migrate.ts';
import { copyOfFiles, type CopyOptions } from './private-copy.ts';
import {
  countConnection,
  inspectStateFile,
  isOpenHere,
  judgeStateFile,
  refusedStateFile,
  type StateFileFacts,
} from './state-file.ts';

type Db = Database.Database;

/** A process that copies a large state at rest can hold a read lock for some seconds. In ms. */
const busyTimeoutMs = 30_000;

/** Opens a connection, and counts it for `inspectStateFile` until it is closed. */
export function connect(file: string, options: Database.Options): Db {
  const release = countConnection(file);
  try {
    const db = new Database(file, { timeout: busyTimeoutMs, ...options });
    const close = db.close.bind(db);
    db.close = () => {
      close();
      release();
      return db;
    };
    return db;
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Refuses a file that is not a state of scimsync, before anything is changed.
 *
 * @returns whether there is a state
 */
export function requireStateFile(file: string, userId: number | undefined, options: CopyOptions = {}): boolean {
  const verdict = judgeStateFile(inspectStateFile(file), userId);
  if (verdict.kind === 'refused') throw refusedStateFile(file, verdict);
  if (verdict.kind !== 'unmarked') return verdict.kind === 'state';
  const { db, close } = openForReading(file, options);
  try {
    return requireTables(db, file);
  } finally {
    close();
  }
}

/** Tables of every version of the state. */
const tablesOfEveryVersion = ['account', 'membership', 'operation', 'pass', 'reading', 'record', 'target'];

/**
 * Recognises a state of an older version, which has no application_id, by its tables.
 *
 * @returns false: the database is empty, because its creation was interrupted
 */
function requireTables(db: Db, file: string): boolean {
  const names = db.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all() as string[];
  if (names.length === 0) return false;
  if (schemaVersion(db) > 0 && tablesOfEveryVersion.every((name) => names.includes(name))) return true;
  throw refusedStateFile(file, { code: 'state.notOurs', reason: 'it is a database of another application' });
}

/** A connection that only reads the state, or reads a copy of it. */
export interface Reading {
  readonly db: Db;
  readonly isCopy: boolean;
  close(): void;
}

/**
 * Opens the state without creating a file beside it and without a write to it. SQLite can read a file directly where
 *
 *     at rest, in rollback mode                       it needs no other file
 *     in rollback mode, with the journal of a writer  the first reading is being written: SQLite waits for it
 *     in WAL mode, with its -wal and -shm files       a pass is running, or was killed
 *
 * Otherwise, a copy is read; also where the writer of the journal was killed, so that its transaction is taken back.
 */
export function openForReading(file: string, options: CopyOptions): Reading {
  if (isReadableInPlace(file, inspectStateFile(file))) {
    let db: Db | undefined;
    try {
      db = connect(file, { readonly: true });
      schemaVersion(db);
      const opened = db;
      return { db, isCopy: false, close: () => void opened.close() };
    } catch (error) {
      db?.close();
      if (!isAccessError(error) || isOpenHere(file)) throw error;
    }
  }
  return { ...copyOfFiles(file, options), isCopy: true };
}

function isReadableInPlace(file: string, facts: StateFileFacts): boolean {
  if (facts.kind !== 'file' || isOpenHere(file)) return true;
  const hasWal = ['-wal', '-shm'].every((ending) => inspectStateFile(file + ending).kind === 'file');
  return facts.header?.isWal !== true || hasWal;
}

/** SQLite needs a file that it may not create, or a recovery that it may not write. */
function isAccessError(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return /^SQLITE_(READONLY|CANTOPEN|PERM|IOERR)/.test(String(code));
}
