import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OperatorError } from '../model/errors.ts';
import { isBusy, stillBusy } from './sqlite/begin.ts';
import { requireSoundState, stateFailure } from './sqlite/damage.ts';
import { writeAhead, writeAheadAfterFirstReading } from './sqlite/journal-mode.ts';
import { migrate, migrateCopy, migrations, requireKnownSchema, schemaVersion } from './sqlite/migrate.ts';
import { connect, openForReading, requireStateFile, type Reading } from './sqlite/open-for-reading.ts';
import { copyForPlanning, copyOf, type CopyOptions } from './sqlite/private-copy.ts';
import { createPrivateFile } from './sqlite/private-file.ts';
import { shareStatements } from './sqlite/shared-statements.ts';
import { requireUsableSideFiles } from './sqlite/state-file.ts';

export { requireStateFile };

/** An open connection to the state file. */
export type Db = Database.Database;

/**
 * Opens the state file. Creates it with mode 0600 if it is missing, and applies the pending migrations.
 *
 * WAL with synchronous=NORMAL, after the first reading: a commit survives the death of the process at any instant. A
 * power cut may lose the last commits; the next pass then looks up some accounts again, but loses no account
 * (docs/decisions/0003).
 *
 * @param userId user id of this process, which must own an existing file; undefined: any owner
 * @param timeoutMs how long a statement waits for another process, in ms; undefined: the default
 * @throws OperatorError if the file cannot be opened, is not a state file, or was written by a newer version
 */
export function openDatabase(file: string, userId?: number, timeoutMs?: number): Db {
  let db: Db | undefined;
  try {
    if (file !== ':memory:') {
      requireStateFile(file, userId);
      requireUsableSideFiles(file);
      createPrivateFile(file);
    }
    db = connect(file, timeoutMs === undefined ? {} : { timeout: timeoutMs });
    // Only a new file can be given this: it can shrink later (docs/decisions/0078).
    if (db.pragma('page_count', { simple: true }) === 0) db.pragma('auto_vacuum = incremental');
    writeAheadAfterFirstReading(db)();
    setUp(db);
    checkOnOpening(db, file);
    migrate(db, file);
    return db;
  } catch (error) {
    if (db !== undefined) closeDatabase(db);
    if (error instanceof OperatorError) throw error;
    const failure = stateFailure(file, error);
    if (failure !== undefined) throw failure;
    if (isBusy(error)) throw stillBusy(error);
    throw new OperatorError('state.cannotOpen', `the state file ${file} cannot be opened: ${messageOf(error)}`, 1, {
      cause: error,
    });
  }
}

/**
 * Opens another connection to a state file that `openDatabase` has opened. It has temporary tables of its own.
 *
 * @param timeoutMs as `openDatabase`
 */
export function openAnotherConnection(file: string, timeoutMs?: number): Db {
  const db = connect(file, timeoutMs === undefined ? {} : { timeout: timeoutMs });
  writeAhead(db);
  setUp(db);
  return db;
}

/** States of at most this size, in bytes, are checked whenever they are opened: about 3 ms per MB. */
const maxBytesCheckedOnOpening = 16 * 2 ** 20;

/** Whether each opening of the state checks it completely. */
export const isCheckedOnOpening = (file: string): boolean =>
  file !== ':memory:' && statSync(file).size <= maxBytesCheckedOnOpening;

function checkOnOpening(db: Db, file: string): void {
  if (isCheckedOnOpening(file)) requireSoundState(db, file);
}

function setUp(db: Db): void {
  shareStatements(db);
  db.pragma('foreign_keys = on');
  db.pragma('cache_size = -16000');
  // Staged rows: with the default of SQLite, 2 MB, a first load writes and reads most pages of an index many times.
  db.pragma('temp.cache_size = -16000');
  db.pragma('temp_store = file');
}

/**
 * Closes a connection that wrote. At rest, the file is in the rollback mode of SQLite (`journal_mode = delete`): then a
 * reader needs no file beside it, and no write access (docs/decisions/0033). Where another connection is open, the file
 * stays in WAL mode, and the -wal and -shm files stay beside it.
 */
export function closeDatabase(db: Db): void {
  if (!db.open) return;
  if (!db.memory && !db.inTransaction) {
    db.pragma('busy_timeout = 0');
    try {
      db.pragma('journal_mode = delete');
    } catch {
      // Another connection is open.
    }
  }
  db.close();
}

/**
 * Opens the state file read-only. It leaves no trace: no file is created, and the state is not written. A state of an
 * older version is copied, and the copy is migrated.
 *
 * @returns undefined if the file does not exist yet
 * @throws OperatorError as `openDatabase` does
 */
export function openReadOnlyDatabase(file: string, options: CopyOptions = {}): Db | undefined {
  return withReadErrors(file, () => {
    if (!requireStateFile(file, undefined, options)) return undefined;
    const reading = openForReading(file, options);
    try {
      checkOnOpening(reading.db, file);
      const version = schemaVersion(reading.db);
      requireKnownSchema(version, file);
      if (version === 0) {
        reading.close();
        return undefined;
      }
      if (version === migrations().length) return asReadOnly(reading);
      const copy = reading.isCopy ? reading : copyOf(reading.db, file, options);
      if (copy !== reading) reading.close();
      migrateCopy(copy.db, file);
      return asReadOnly({ ...copy, isCopy: true });
    } catch (error) {
      reading.close();
      throw error;
    }
  });
}

/**
 * Opens a copy of the last committed state, for a dry run. What is written to it is lost when it is closed. Without a
 * state, the copy is empty.
 *
 * @throws OperatorError as `openDatabase` does
 */
export function openCopy(file: string, options: CopyOptions = {}): Db {
  return withReadErrors(file, () => {
    const hasState = requireStateFile(file, undefined, options);
    // '': a database in a temporary file that SQLite removes by itself.
    const copy = hasState ? copyForWriting(file, options) : undefined;
    const db = copy === undefined ? new Database('') : withClose(copy.db, copy.close);
    setUp(db);
    migrateCopy(db, file);
    return db;
  });
}

function copyForWriting(file: string, options: CopyOptions): Omit<Reading, 'isCopy'> {
  const reading = openForReading(file, options);
  try {
    // Before it is copied: what cannot copy a damaged state names no damage.
    checkOnOpening(reading.db, file);
    if (reading.isCopy) return reading;
    const { guardFrom } = options;
    const copy =
      // A state of an older version is migrated as a whole.
      guardFrom === undefined || schemaVersion(reading.db) !== migrations().length
        ? copyOf(reading.db, file, options)
        : copyForPlanning(reading.db, file, guardFrom, options);
    reading.close();
    return copy;
  } catch (error) {
    reading.close();
    throw error;
  }
}

function asReadOnly({ db, isCopy, close }: Reading): Db {
  shareStatements(db);
  if (!isCopy) return db;
  db.pragma('query_only = on');
  return withClose(db, close);
}

/** Lets `db.close` also remove the copy. */
function withClose(db: Db, close: () => void): Db {
  const closeConnection = db.close.bind(db);
  db.close = () => {
    db.close = closeConnection;
    close();
    return db;
  };
  return db;
}

function withReadErrors<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const failure = stateFailure(file, error);
    if (failure !== undefined) throw failure;
    throw new OperatorError('state.unreadable', `the state file ${file} cannot be read: ${messageOf(error)}`, 1, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
