import { closeSync, existsSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import type { ErrorCode } from '../../model/error-codes.ts';
import { OperatorError } from '../../model/errors.ts';

/**
 * `application_id` of a state file, in bytes 68 to 71 of its header: "scim" in ASCII. A migration sets it.
 * https://www.sqlite.org/pragma.html#pragma_application_id
 */
export const stateApplicationId = 0x7363696d;

/** What the file system and the header show of a file, without opening it as a database. */
export type StateFileFacts =
  | { readonly kind: 'missing' | 'symbolicLink' | 'directory' | 'special' }
  | {
      readonly kind: 'file';
      readonly ownerId: number;
      readonly size: number;
      /** Undefined: the file is not an SQLite database. */
      readonly header: SqliteHeader | undefined;
    };

/** The fields of an SQLite header that identify the file (https://www.sqlite.org/fileformat.html section 1.3). */
export interface SqliteHeader {
  readonly applicationId: number;
  readonly isWal: boolean;
}

/**
 * What a file at the path of the state is.
 *
 *     missing, or 0 bytes                     none: a pass creates the state
 *     SQLite, with our application_id         state
 *     SQLite, without any application_id      unmarked: an older version may have written it; its tables decide
 *     everything else                         refused
 */
export type StateFileVerdict =
  | { readonly kind: 'none' | 'state' | 'unmarked' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly reason: string };

/**
 * Judges a file before anything is changed.
 *
 * @param userId the user id of a process that is going to write the file; undefined: it only reads, or the operating
 *   system has no user ids
 */
export function judgeStateFile(facts: StateFileFacts, userId: number | undefined): StateFileVerdict {
  switch (facts.kind) {
    case 'missing':
      return { kind: 'none' };
    case 'symbolicLink':
      return refused('state.symbolicLink', 'it is a symbolic link; name the file itself');
    case 'directory':
      return refused('state.notAFile', 'it is a directory');
    case 'special':
      return refused('state.notAFile', 'it is not a regular file');
    case 'file':
      if (userId !== undefined && facts.ownerId !== userId)
        return refused(
          'state.otherOwner',
          `it belongs to the user with id ${facts.ownerId}, and this process runs as user id ${userId}; ` +
            'run scimsync as the owner of the file',
        );
      if (facts.size === 0) return { kind: 'none' };
      if (facts.header === undefined)
        return refused('state.notOurs', 'it is not a state file of scimsync, or its beginning is damaged');
      if (facts.header.applicationId === stateApplicationId) return { kind: 'state' };
      if (facts.header.applicationId === 0) return { kind: 'unmarked' };
      return refused('state.notOurs', 'it is a database of another application');
  }
}

function refused(code: ErrorCode, reason: string): StateFileVerdict {
  return { kind: 'refused', code, reason };
}

/** The error for a file that is not a state file. Nothing of the file was changed. */
export function refusedStateFile(file: string, { code, reason }: { code: ErrorCode; reason: string }): OperatorError {
  return new OperatorError(
    code,
    `"state" in the configuration names ${file}, which cannot be used: ${reason}. Nothing was changed. ` +
      'The state needs a file of its own, for example "./scimsync.db".',
    4,
  );
}

/**
 * Files that this process has open as a database. Their bytes are not read directly: POSIX ends all locks that a
 * process holds on a file when it closes any descriptor of that file.
 */
const openFiles = new Map<string, number>();

/** Counts a connection of this process to the file. Call the result when the connection is closed. */
export function countConnection(file: string): () => void {
  openFiles.set(file, (openFiles.get(file) ?? 0) + 1);
  let isCounted = true;
  return () => {
    if (!isCounted) return;
    isCounted = false;
    const rest = (openFiles.get(file) ?? 1) - 1;
    if (rest === 0) openFiles.delete(file);
    else openFiles.set(file, rest);
  };
}

/** Whether a connection of this process has the file open. */
export const isOpenHere = (file: string): boolean => openFiles.has(file);

/** Reads the facts of a file without changing anything. @throws the error of the file system, such as EACCES */
export function inspectStateFile(file: string): StateFileFacts {
  let stats;
  try {
    stats = lstatSync(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return { kind: 'missing' };
    throw error;
  }
  if (stats.isSymbolicLink()) return { kind: 'symbolicLink' };
  if (stats.isDirectory()) return { kind: 'directory' };
  if (!stats.isFile()) return { kind: 'special' };
  const { uid: ownerId, size } = stats;
  const header = isOpenHere(file) ? { applicationId: stateApplicationId, isWal: true } : readHeader(file);
  return { kind: 'file', ownerId, size, header };
}

const headerLength = 100;

function readHeader(file: string): SqliteHeader | undefined {
  const bytes = Buffer.alloc(headerLength);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, bytes, 0, headerLength, 0) < headerLength) return undefined;
  } finally {
    closeSync(descriptor);
  }
  if (bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') return undefined;
  return { applicationId: bytes.readUInt32BE(68), isWal: bytes[18] === 2 };
}

/**
 * Files beside the state that SQLite and the lock use. One that is not a regular file could lead a write elsewhere, and
 * a lock file with content is a file of another application.
 *
 * @throws OperatorError
 */
export function requireUsableSideFiles(file: string): void {
  for (const ending of ['-wal', '-shm', '-journal', '.lock']) {
    const stats = lstatSync(file + ending, { throwIfNoEntry: false });
    const isLock = ending === '.lock';
    if (stats === undefined || (stats.isFile() && !(isLock && stats.size > 0))) continue;
    throw new OperatorError(
      isLock ? 'state.lockUnusable' : 'state.notAFile',
      `the file ${file}${ending} beside the state cannot be used: it is not a file of scimsync. Nothing was changed.`,
    );
  }
}

/** Whether a file exists and has content. */
export const hasContent = (file: string): boolean => existsSync(file) && statSync(file).size > 0;
