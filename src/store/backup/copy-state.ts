import { rmSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';
import { closeDatabase, openDatabase, requireStateFile } from '../database.ts';
import type { SharedState } from '../interface/shared-state.ts';
import { connect } from '../sqlite/open-for-reading.ts';
import { lockFile, type LockHolder } from '../sqlite/lock.ts';
import type { CopyOptions } from '../sqlite/private-copy.ts';
import { markTable } from '../postgres/table-shapes.ts';
import { backUp, writeCopy } from './back-up.ts';
import { differentTables, tableDigests, type TableDigest } from './table-digests.ts';

/** What was copied, and verified by counts and SHA-256 of each table. */
export interface CopiedState {
  readonly tables: number;
  readonly rows: number;
}

/** The parts of a copy between a file and a database. */
export interface CopyBetween {
  readonly file: string;
  readonly shared: SharedState;
  /** The working copy of `shared`. */
  readonly copy: string;
  readonly holder: LockHolder;
  /** Reads the state of the database into another file, as a process does that starts. */
  readonly readAgain: (use: (file: string) => void) => Promise<void>;
  readonly userId: number | undefined;
}

/**
 * Copies a state file to an empty database, and verifies it. No process may work on the file.
 *
 * @throws OperatorError
 */
export async function copyToDatabase(between: CopyBetween, options: CopyOptions = {}): Promise<CopiedState> {
  const { file, shared, copy, userId } = between;
  if (!requireStateFile(file, userId, options))
    throw new OperatorError('state.missing', `there is no state file ${file}`, 4);
  if (await shared.refresh())
    throw new OperatorError(
      'state.notEmpty',
      `${shared.place} has a state already. Name another schema, or remove that one from the database; nothing was ` +
        'changed',
      4,
    );
  const source = openDatabase(file, userId);
  try {
    const sourceLock = lockFile(source, file);
    try {
      writeCopy(file, copy, options);
      await shared.replace();
      const expected = tableDigests(source);
      await between.readAgain((again) => requireEqual(expected, digestsOf(again), shared.place));
      return sizeOf(expected);
    } finally {
      sourceLock.release();
    }
  } finally {
    closeDatabase(source);
  }
}

/**
 * Copies the state of a database to a new file, and verifies it. No process may work on it.
 *
 * @throws OperatorError
 */
export async function copyToFile(between: CopyBetween, options: CopyOptions = {}): Promise<CopiedState> {
  const { file, shared, copy, holder } = between;
  const lock = await shared.lock(holder);
  try {
    if (!(await shared.refresh()))
      throw new OperatorError('state.missing', `there is no state in ${shared.place} yet`, 1);
    backUp(copy, file, { ...options, overwrite: false });
    try {
      const db = openDatabase(file, between.userId);
      try {
        db.exec(`drop table if exists ${markTable}; delete from holder`);
      } finally {
        closeDatabase(db);
      }
      const digests = digestsOf(file);
      await between.readAgain((again) => requireEqual(digestsOf(again), digests, file));
      return sizeOf(digests);
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
  } finally {
    await lock.release();
  }
}

function digestsOf(file: string): readonly TableDigest[] {
  const db = connect(file, { readonly: true });
  try {
    return tableDigests(db);
  } finally {
    db.close();
  }
}

function requireEqual(expected: readonly TableDigest[], found: readonly TableDigest[], place: string): void {
  const different = differentTables(expected, found);
  if (different.length === 0) return;
  throw new OperatorError(
    'state.copyDiffers',
    `the copy in ${place} differs from the original in ${different.join(', ')}. Do not use it; ` +
      'the original is as it was',
  );
}

const sizeOf = (digests: readonly TableDigest[]): CopiedState => ({
  tables: digests.length,
  rows: digests.reduce((sum, { rows }) => sum + rows, 0),
});
