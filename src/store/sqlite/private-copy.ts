import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { copyNeeded } from './needed-copy.ts';
import { hasContent } from './state-file.ts';

type Db = Database.Database;

/** A copy of the state that only this process has, and that its `close` removes. */
export interface PrivateCopy {
  readonly db: Db;
  close(): void;
}

/** Where large copies are stored; undefined: all copies are held in memory. */
export interface CopyOptions {
  /** The guards count what was done since then, in ms since the epoch. Undefined: the whole journal is copied. */
  readonly guardFrom?: number;
  /** A pass whose operations are copied as well. */
  readonly pass?: number | undefined;
  readonly temporaryFolder?: string | undefined;
  /** A larger state is copied to the temporary folder. */
  readonly maxBytesInMemory?: number;
  /** Runs `remove` when the process exits, because a command that ends early closes no copy. @returns its end */
  readonly onExit?: (remove: () => void) => () => void;
}

/** A state of at most this size is copied to memory, so that nothing is left behind even if the process is killed. */
const defaultMaxBytesInMemory = 32 * 2 ** 20;

const busyTimeoutMs = 5_000;

/**
 * Copies what an open connection reads: the last committed state, also while another process writes. `vacuum into` and
 * `serialize` read in one transaction.
 */
export function copyOf(db: Db, file: string, options: CopyOptions): PrivateCopy {
  const { temporaryFolder } = options;
  if (temporaryFolder === undefined || isSmall(file, options)) return inMemory(db.serialize());
  return inFolder(temporaryFolder, options, (path) => db.prepare('vacuum into ?').run(path));
}

/**
 * Copies what a planning reads, as `copyOf` does with all.
 *
 * @param guardFrom the guards count what was done since then
 */
export function copyForPlanning(db: Db, file: string, guardFrom: number, options: CopyOptions): PrivateCopy {
  const { temporaryFolder, pass } = options;
  if (temporaryFolder === undefined || isSmall(file, options)) return inMemory(db.serialize());
  return inFolder(temporaryFolder, options, (path) => {
    const copy = new Database(path, { timeout: busyTimeoutMs });
    try {
      copyNeeded(copy, file, { guardFrom, pass });
    } finally {
      copy.close();
    }
  });
}

/**
 * Copies a state that no process has open and that SQLite cannot open without writing beside it: a file in WAL mode
 * without its -wal or -shm file. SQLite recovers the copy.
 */
export function copyOfFiles(file: string, options: CopyOptions): PrivateCopy {
  const { temporaryFolder } = options;
  const hasJournal = hasContent(`${file}-wal`) || hasContent(`${file}-journal`);
  if (!hasJournal && (temporaryFolder === undefined || isSmall(file, options))) return inMemory(readFileSync(file));
  return inFolder(temporaryFolder ?? join(file, '..'), options, (path) => {
    for (const ending of ['', '-wal', '-journal'])
      if (existsSync(file + ending)) copyFileSync(file + ending, path + ending);
  });
}

const isSmall = (file: string, { maxBytesInMemory = defaultMaxBytesInMemory }: CopyOptions): boolean =>
  statSync(file).size + (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= maxBytesInMemory;

/** Bytes 18 and 19 of the header: 2 in WAL mode, which a database in memory does not have. */
function inMemory(bytes: Buffer): PrivateCopy {
  bytes[18] = 1;
  bytes[19] = 1;
  const db = new Database(bytes);
  return { db, close: () => void db.close() };
}

function inFolder(temporaryFolder: string, { onExit }: CopyOptions, write: (path: string) => void): PrivateCopy {
  const folder = mkdtempSync(join(temporaryFolder, 'scimsync-copy-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const forget = onExit?.(remove);
  let db: Db | undefined;
  try {
    const path = join(folder, 'state.db');
    write(path);
    db = new Database(path, { timeout: busyTimeoutMs });
    db.pragma('journal_mode = delete');
    // The copy is never needed after a crash.
    db.pragma('synchronous = off');
  } catch (error) {
    db?.close();
    remove();
    throw error;
  }
  const opened = db;
  return {
    db: opened,
    close() {
      opened.close();
      forget?.();
      remove();
    },
  };
}
