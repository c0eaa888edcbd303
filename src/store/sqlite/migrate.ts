import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { OperatorError } from '../../model/errors.ts';
import { renewMirrors } from '../joined/mirror-tables.ts';
import { lockFile } from './lock.ts';
import { stateFailure } from './damage.ts';

type Db = Database.Database;

const migrationsFolder = join(import.meta.dirname, '..', 'migrations');

/**
 * What all migrations lead to, as one script: a new state needs one transaction instead of one for each migration.
 * `scripts/state-schema.mjs` writes it.
 */
const currentSchema = join(migrationsFolder, 'current', 'schema.sql');

/**
 * Applies the pending migrations; a new state gets the current schema at once. A process may be using the older tables,
 * so an existing state is migrated under its lock.
 */
export function migrate(db: Db, file: string): void {
  const version = schemaVersion(db);
  requireKnownSchema(version, file);
  const { length } = migrations();
  if (version === length) return;
  if (version === 0) {
    createSchema(db);
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
    throw upgradeFailed(error, version, file);
  }
}

/** Applies the pending migrations to a copy of the state, which no other process uses. @throws OperatorError */
export function migrateCopy(db: Db, file: string): void {
  const version = schemaVersion(db);
  requireKnownSchema(version, file);
  try {
    if (version === 0) createSchema(db);
    else applyMigrations(db);
  } catch (error) {
    throw upgradeFailed(error, version, file);
  }
}

function upgradeFailed(error: unknown, version: number, file: string): OperatorError {
  const cause = error instanceof OperatorError ? error.cause : error;
  const damage = stateFailure(file, cause);
  if (damage !== undefined) return damage;
  const code = String((cause as { readonly code?: unknown } | undefined)?.code);
  const advice = /^(SQLITE_READONLY|EACCES|EPERM|EROFS)/.test(code)
    ? ' Run "scimsync sync" once as a user who may write it.'
    : '';
  return new OperatorError(
    'state.upgradeFailed',
    `the state file ${file} was written by an older scimsync (schema ${version}, this one needs ` +
      `${migrations().length}) and cannot be brought up to date: ${messageOf(error)}.${advice}`,
    1,
    { cause: error },
  );
}

function createSchema(db: Db): void {
  const sql = readFileSync(currentSchema, 'utf8');
  db.transaction(() => {
    // Another process may have created it in the meantime.
    if (schemaVersion(db) > 0) return;
    db.exec(sql);
    db.pragma(`user_version = ${migrations().length}`);
  }).immediate();
  // That process may be of an earlier version.
  applyMigrations(db);
}

function applyMigrations(db: Db): void {
  const all = migrations();
  const applied = schemaVersion(db);
  for (const [index, name] of all.entries()) {
    if (index < applied) continue;
    const sql = readFileSync(join(migrationsFolder, name), 'utf8');
    db.transaction(() => {
      // Another process may have applied it in the meantime.
      if (schemaVersion(db) > index) return;
      db.exec(sql);
      if (index === all.length - 1) renewMirrors(db);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

/** Names of all migrations, in order. */
export function migrations(): readonly string[] {
  return readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

/** @throws OperatorError for a state of a newer version */
export function requireKnownSchema(version: number, file: string): void {
  const { length } = migrations();
  if (version <= length) return;
  throw new OperatorError(
    'state.tooNew',
    `the state file ${file} was written by a newer scimsync (schema ${version}, this one knows ${length}); ` +
      'use that version, or another state file',
  );
}

/** Number of the migrations that were applied; 0: a database without tables of ours. */
export function schemaVersion(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
