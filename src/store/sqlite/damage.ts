import type Database from 'better-sqlite3';
import { OperatorError } from '../../model/errors.ts';
import { diskFailure } from './disk-failure.ts';

/**
 * The error for a state file whose content is damaged, for example by a full disk, a cut copy or a broken disk.
 *
 * @param error what a statement or the opening of the file threw
 * @returns undefined: the error shows no damage
 */
export function damagedState(file: string, error: unknown): OperatorError | undefined {
  // https://www.sqlite.org/rescode.html: SQLITE_CORRUPT with its extended codes, and SQLITE_NOTADB
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return /^SQLITE_(CORRUPT|NOTADB)/.test(String(code)) ? damaged(file, String(message), error) : undefined;
}

/** The error for a state that is damaged, or that the disk does not let us use; undefined: it has another reason. */
export const stateFailure = (file: string, error: unknown): OperatorError | undefined =>
  damagedState(file, error) ?? diskFailure(file, error);

/**
 * Reads the whole state and checks its structure: a damaged part may be one that few commands read.
 *
 * @param maxBytes a larger state is not checked
 * @throws OperatorError if the state is damaged
 */
export function requireSoundState(db: Database.Database, file: string, maxBytes = Infinity): void {
  const of = (pragma: string): number => Number(db.pragma(pragma, { simple: true }));
  if (of('page_count') * of('page_size') > maxBytes) return;
  let found: string;
  try {
    found = String(db.pragma('quick_check(1)', { simple: true }));
  } catch (error) {
    throw damagedState(file, error) ?? error;
  }
  if (found !== 'ok') throw damaged(file, found.replaceAll(/\s+/g, ' ').trim(), undefined);
}

/** Checks the whole content of a state, also its indexes. @throws OperatorError if it is damaged */
export function requireIntactState(db: Database.Database, file: string): void {
  const found = String(db.pragma('integrity_check(1)', { simple: true }));
  if (found !== 'ok') throw damaged(file, found.replaceAll(/\s+/g, ' ').trim(), undefined);
}

function damaged(file: string, finding: string, cause: unknown): OperatorError {
  return new OperatorError(
    'state.damaged',
    `the state file ${file} is damaged (SQLite: ${finding}). Restore the last backup of it, and run ` +
      '"scimsync sync --full". Without a backup, move the file away, also its -wal, -shm and -journal files: ' +
      'the next pass adopts the accounts at the targets, and "scimsync orphans" lists those without a record in the ' +
      'source, such as leavers.',
    1,
    { cause },
  );
}
