import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { OperatorError } from '../model/errors.ts';
import { lockFile } from './sqlite/lock.ts';
import { createPrivateFile } from './sqlite/private-file.ts';

/** An open connection to the state file. */
export type Db = Database.Database;

const migrationsFolder = join(import.meta.dirname, 'migrations');
const busyTimeoutMs = 5_000;

/**
 * Opens the state file. Creates it with mode 0600 if it is missing, and applies the pending migrations.
 *
 * WAL with synchronous=NORMAL: a commit survives the death of the process at any instant. A power cut may lose the last
 * commits; the next pass then looks up some accounts again, but loses no account (docs/decisions/0003).
 *
 * @throws OperatorError if the file cannot be opened, is not a state file, or was written by a newer version
 */
export function openDatabase(file: string): Db {
  let db: Db | undefined;
  try {
    if (file !== ':memory:') createPrivateFile(file);
    db = new Database(file, { timeout: busyTimeoutMs });
    db.pragma('journal_mode = wal');
    db.pragma('synchronous = normal');
    db.pragma('foreign_keys = on');
    db.pragma('cache_size = -16000');
    db.pragma('temp_store = file');
    migrate(db, file);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError('state.cannotOpen', `the state file ${file} cannot be opened: ${messageOf(error)}`, 1, {
      cause: error,
    });
  }
}

/**
 * Opens the state file read-only. A file of an older version is migrated first.
 *
 * @returns undefined if the file does not exist yet
 * @throws OperatorError as `openDatabase` does
 */
export function openReadOnlyDatabase(file: string): Db | undefined {
  if (!existsSync(file)) return undefined;
  let db: Db | undefined;
  try {
    db = new Database(file, { readonly: true, timeout: busyTimeoutMs });
    const version = schemaVersion(db);
    requireKnownSchema(version, file);
    if (version === migrations().length) return db;
    db.close();
    if (version === 0) return undefined;
    bringUpToDate(file);
    db = new Database(file, { readonly: true, timeout: busyTimeoutMs });
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError('state.unreadable', `the state file ${file} cannot be read: ${messageOf(error)}`, 1, {
      cause: error,
    });
  }
}

function bringUpToDate(file: string): void {
  const db = new Database(file, { timeout: busyTimeoutMs });
  try {
    migrate(db, file);
  } finally {
    db.close();
  }
}

/**
 * Applies the pending migrations. A process may be using the older tables, so an existing state is migrated under its
 * lock.
 */
function migrate(db: Db, file: string): void {
  const version = schemaVersion(db);
  requireKnownSchema(version, file);
  const { length } = migrations();
  if (version === length) return;
  if (version === 0) {
    applyMigrations(db);
    return;
  }
  try {
    const lock = lockFile(db, file);
    try {
      applyMigrations(db);
    } finally {
      lock.release();
    }
  } catch (error) {
    const cause = error instanceof OperatorError ? error.cause : error;
    const code = String((cause as { readonly code?: unknown } | undefined)?.code);
    const advice = /^(SQLITE_READONLY|EACCES|EPERM|EROFS)/.test(code)
      ? ' Run "scimsync plan" once as a user who may write it.'
      : '';
    throw new OperatorError(
      'state.upgradeFailed',
      `the state file ${file} was written by an older scimsync (schema ${version}, this one needs ${length}) ` +
        `and cannot be brought up to date: ${messageOf(error)}.${advice}`,
      1,
      { cause: error },
    );
  }
}

function applyMigrations(db: Db): void {
  for (const [index, name] of migrations().entries()) {
    const sql = readFileSync(join(migrationsFolder, name), 'utf8');
    db.transaction(() => {
      // Another process may have applied it in the meantime.
      if (schemaVersion(db) > index) return;
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

function migrations(): readonly string[] {
  return readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

function requireKnownSchema(version: number, file: string): void {
  const { length } = migrations();
  if (version <= length) return;
  throw new OperatorError(
    'state.tooNew',
    `the state file ${file} was written by a newer scimsync (schema ${version}, this one knows ${length}); ` +
      'use that version, or another state file',
  );
}

function schemaVersion(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
