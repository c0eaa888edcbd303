import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import { createPrivateFile } from './private-file.ts';

type Db = Database.Database;

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: Instant;
}

/** Whoever only looks whether the lock is held, holds it for less than this. */
const statusCheckMs = 200;

/** Held while a pass runs. Closing it, or the death of the process in any way, lets the next one in. */
export interface Lock {
  release(): void;
}

/**
 * One pass at a time on a state file, whose holder stands in it by name.
 *
 * @throws OperatorError that names the holder
 */
export function acquireLock(db: Db, file: string, holder: LockHolder): Lock {
  const lock = lockFile(db, file);
  db.prepare(
    `insert into holder (id, pid, host, command, since) values (1, :pid, :host, :command, :since)
    on conflict (id) do update set pid = :pid, host = :host, command = :command, since = :since`,
  ).run({ ...holder });
  return {
    release() {
      if (db.open) db.prepare('delete from holder').run();
      lock.release();
    },
  };
}

/**
 * The lock is an exclusive SQLite transaction on a file beside the state, that is, a lock of the operating system: it ends
 * with its process, however that dies, so there is no stale lock to judge by process ids that may have been given away again.
 * The name of the holder stands in the state itself and is only for the message.
 *
 * @throws OperatorError that names the holder
 */
export function lockFile(db: Db, file: string): Lock {
  const path = `${file}.lock`;
  createPrivateFile(path);
  const lock = new Database(path, { timeout: statusCheckMs });
  try {
    lock.pragma('journal_mode = delete');
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    const isHeld = String(code).startsWith('SQLITE_BUSY');
    throw new OperatorError(
      isHeld ? 'state.locked' : 'state.lockUnusable',
      isHeld ? describeHolder(readHolder(db), file) : `the lock file ${path} cannot be used: ${String(message)}`,
      1,
      { cause: error },
    );
  }
  return {
    release() {
      lock.close();
    },
  };
}

/** Whether somebody is at work: a holder's name that outlived its process does not count. */
export function isHeld(file: string): boolean {
  const lockFile = `${file}.lock`;
  if (!existsSync(lockFile)) return false;
  const lock = new Database(lockFile, { timeout: 0 });
  try {
    lock.exec('begin exclusive; rollback');
    return false;
  } catch (error) {
    if (String((error as { readonly code?: unknown }).code).startsWith('SQLITE_BUSY')) return true;
    throw error;
  } finally {
    lock.close();
  }
}

export function readHolder(db: Db): LockHolder | undefined {
  return db.prepare('select pid, host, command, since from holder').get() as LockHolder | undefined;
}

function describeHolder(holder: LockHolder | undefined, file: string): string {
  if (holder === undefined) return `another scimsync is at work on ${file}; wait until it has ended`;
  const since = formatTime(holder.since);
  return `"scimsync ${holder.command}" (process ${holder.pid} on ${holder.host}, since ${since}) is at work on ${file}; wait until it has ended, or stop it`;
}
