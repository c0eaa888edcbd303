import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import { createPrivateFile } from './private-file.ts';

type Db = Database.Database;

/** The process that holds the lock; `since` in ms. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: Instant;
}

/** Connections that hold a lock: one that is garbage collected closes, and so ends its lock. */
const heldLocks = new Set<Db>();

/** Upper bound of the time in ms for which a check of the lock holds it. */
const statusCheckMs = 200;

/** A pass holds it while it runs. `release`, or the death of the process, frees it. */
export interface Lock {
  release(): void;
}

/**
 * Locks a state file, so that one pass runs on it at a time, and records the holder in it.
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
 * The lock is an exclusive SQLite transaction on a file beside the state, that is, a lock of the operating system. It
 * ends with its process, so there are no stale locks, and no process id must be checked. The recorded holder is only
 * for the message.
 *
 * @throws OperatorError that names the holder, or the reason why the lock file cannot be used
 */
export function lockFile(db: Db, file: string): Lock {
  // A state in memory belongs to one connection: no other process can want it.
  const path = db.memory ? ':memory:' : `${file}.lock`;
  let lock: Db | undefined;
  try {
    if (!db.memory) createPrivateFile(path);
    lock = new Database(path, { timeout: statusCheckMs });
    lock.pragma('journal_mode = delete');
    lock.exec('begin exclusive');
    const held = lock;
    heldLocks.add(held);
    return {
      release() {
        heldLocks.delete(held);
        held.close();
      },
    };
  } catch (error) {
    lock?.close();
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    const isHeld = String(code).startsWith('SQLITE_BUSY');
    throw new OperatorError(
      isHeld ? 'state.locked' : 'state.lockUnusable',
      isHeld ? describeHolder(readHolder(db), file) : `the lock file ${path} cannot be used: ${String(message)}`,
      1,
      { cause: error },
    );
  }
}

/**
 * Whether a process holds the lock. A recorded holder whose process has died does not count. Undefined: the lock
 * file cannot be read. The check only reads: it takes the shared lock, which an exclusive lock excludes.
 */
export function isHeld(file: string): boolean | undefined {
  const lockFile = `${file}.lock`;
  if (!existsSync(lockFile)) return false;
  let lock: Db | undefined;
  try {
    lock = new Database(lockFile, { timeout: 0, readonly: true });
    lock.prepare('select count(*) from sqlite_schema').get();
    return false;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (String(code).startsWith('SQLITE_BUSY')) return true;
    if (/^SQLITE_(CANTOPEN|READONLY|PERM|IOERR|NOTADB|CORRUPT)/.test(String(code))) return undefined;
    throw error;
  } finally {
    lock?.close();
  }
}

/** The holder that the state file names; it may have died. */
export function readHolder(db: Db): LockHolder | undefined {
  return db.prepare('select pid, host, command, since from holder').get() as LockHolder | undefined;
}

/** Who has the lock of a state, for the message that it is locked. @param file the state, in words */
export function describeHolder(holder: LockHolder | undefined, file: string): string {
  if (holder === undefined) return `another scimsync is at work on ${file}; wait until it has ended`;
  const since = formatTime(holder.since);
  const { command, pid, host } = holder;
  return (
    `"scimsync ${command}" (process ${pid} on ${host}, since ${since}) is at work on ${file}; ` +
    'wait until it has ended, or stop it'
  );
}
