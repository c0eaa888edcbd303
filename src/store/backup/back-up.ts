import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import { requireStateFile } from '../database.ts';
import { requireIntactState, stateFailure } from '../sqlite/damage.ts';
import { connect, openForReading } from '../sqlite/open-for-reading.ts';
import type { CopyOptions } from '../sqlite/private-copy.ts';

/**
 * Writes a copy of the last committed state, also while a daemon works on it. The copy has mode 0600, is checked
 * completely, and appears at its path as a whole or not at all.
 *
 * @param overwrite replaces an existing file
 * @returns the size of the copy in bytes
 * @throws OperatorError
 */
export function backUp(state: string, file: string, { overwrite, ...options }: BackupOptions): number {
  if (!overwrite && existsSync(file)) throw alreadyThere(file);
  if (!requireStateFile(state, undefined, options))
    throw new OperatorError('state.missing', `there is no state file ${state} yet; run "scimsync sync" first`, 1);
  const partial = partialName(file);
  rmSync(partial, { force: true });
  try {
    writeCopy(state, partial, options);
    const { size } = statSync(partial);
    moveIntoPlace(partial, file, overwrite);
    return size;
  } finally {
    rmSync(partial, { force: true });
  }
}

/** How a backup is written. */
export interface BackupOptions extends CopyOptions {
  readonly overwrite: boolean;
}

/** The name of a file that is being written, in the folder of the file. */
export const partialName = (file: string): string => `${file}.partial-${process.pid}`;

/**
 * Copies what an open connection would read, and checks the copy. `vacuum into` reads in one transaction.
 *
 * @throws OperatorError if the copy is damaged
 */
export function writeCopy(from: string, to: string, options: CopyOptions): void {
  // SQLite keeps the mode of an empty file.
  closeSync(openSync(to, 'wx', ownerOnly));
  chmodSync(to, ownerOnly);
  try {
    copyCommitted(from, to, options);
  } catch (error) {
    throw stateFailure(from, error) ?? error;
  }
  const copy = connect(to, { readonly: true });
  try {
    requireIntactState(copy, from);
  } finally {
    copy.close();
  }
  flush(to);
}

function copyCommitted(from: string, to: string, options: CopyOptions): void {
  const reading = openForReading(from, options);
  try {
    reading.db.prepare('vacuum into ?').run(to);
  } finally {
    reading.close();
  }
}

const ownerOnly = 0o600;

/** Waits until a file, or the entries of a folder, are on the disk. */
export function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function moveIntoPlace(partial: string, file: string, overwrite: boolean): void {
  if (overwrite) renameSync(partial, file);
  else {
    try {
      // Unlike a rename, a link never replaces a file that came into being meanwhile.
      linkSync(partial, file);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'EEXIST') throw alreadyThere(file);
      renameSync(partial, file);
    }
  }
  flush(dirname(file));
}

const alreadyThere = (file: string): OperatorError =>
  new OperatorError('state.backupExists', `${file} exists; name another file, or overwrite it with --force`, 4);
