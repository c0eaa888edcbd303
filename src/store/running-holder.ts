import { openReadOnlyDatabase, type Db } from './database.ts';
import { isWorkingCopy } from './postgres/copy-mark.ts';
import { isHeld, readHolder, type LockHolder } from './sqlite/lock.ts';
import type { CopyOptions } from './sqlite/private-copy.ts';

/**
 * The process that works on an open state; undefined: no process does. Where the lock cannot be read, the entry
 * decides: a pass deletes it when it ends, and a killed one does not. In the working copy of a shared state, the entry
 * is what the database stated when the copy was made.
 */
export const runningHolder = (db: Db, file: string): LockHolder | undefined =>
  isHeld(file) === false && !isWorkingCopy(db) ? undefined : readHolder(db);

/**
 * The process that works on a state; undefined: no process does. A state whose lock is free is not opened.
 *
 * @throws OperatorError as `openDatabase` does
 */
export function readRunningHolder(file: string, options: CopyOptions = {}): LockHolder | undefined {
  if (isHeld(file) === false) return undefined;
  const db = openReadOnlyDatabase(file, options);
  try {
    return db === undefined ? undefined : runningHolder(db, file);
  } finally {
    db?.close();
  }
}
