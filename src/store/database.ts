import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { OperatorError } from '../model/errors.ts';

export type Db = Database.Database;

const migrationsFolder = join(import.meta.dirname, 'migrations');
const owner = 0o600;

/**
 * Opens the state file, creates it with mode 0600 where it is missing, and brings its tables up to date.
 *
 * WAL with synchronous=NORMAL: what was committed survives the death of the process at any instant; a power cut may take
 * the last commits, which costs lookups at the next pass, never an account (docs/decisions/0003).
 *
 * @throws OperatorError where the file cannot be opened, is no state file, or was written by a newer version
 */
export function openDatabase(file: string): Db {
  let db: Db | undefined;
  try {
    if (file !== ':memory:') createPrivately(file);
    db = new Database(file, { timeout: 5_000 });
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
    throw new OperatorError(`the state file ${file} cannot be opened: ${messageOf(error)}`, 1, { cause: error });
  }
}

/** Opens the state file for questions only; undefined where there is none yet. */
export function openReadOnly(file: string): Db | undefined {
  if (!existsSync(file)) return undefined;
  let db: Db | undefined;
  try {
    db = new Database(file, { readonly: true, timeout: 5_000 });
    const present = schemaVersion(db);
    refuseNewer(present, file);
    if (present > 0) return db;
    db.close();
    return undefined;
  } catch (error) {
    db?.close();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`the state file ${file} cannot be read: ${messageOf(error)}`, 1, { cause: error });
  }
}

/** SQLite gives its -wal and -shm files the mode of the main file, so creating that one privately is enough. */
export function createPrivately(file: string): void {
  if (existsSync(file)) {
    chmodSync(file, owner);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', owner));
}

function migrate(db: Db, file: string): void {
  const present = schemaVersion(db);
  refuseNewer(present, file);
  for (const [index, name] of migrations().entries()) {
    if (index < present) continue;
    const sql = readFileSync(join(migrationsFolder, name), 'utf8');
    db.transaction(() => {
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

function refuseNewer(present: number, file: string): void {
  const { length } = migrations();
  if (present <= length) return;
  throw new OperatorError(
    `the state file ${file} was written by a newer scimsync (schema ${present}, this one knows ${length}); use that version, or another state file`,
  );
}

function schemaVersion(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
