import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import { closeDatabase, openDatabase, requireStateFile, type Db } from '../database.ts';
import { stateFailure } from '../sqlite/damage.ts';
import { lockFile, type Lock } from '../sqlite/lock.ts';
import type { CopyOptions } from '../sqlite/private-copy.ts';
import { markTable } from '../postgres/table-shapes.ts';
import { flush, partialName, writeCopy } from './back-up.ts';

/** What was restored. */
export interface Restored {
  /** When the last pass of the backup began; undefined: it has none. */
  readonly lastPass: Instant | undefined;
  /** Where the replaced state is now; undefined: there was none. */
  readonly replaced: string | undefined;
}

/**
 * Replaces the state by a backup of it, and marks it as restored. The backup may be of an earlier version. Either the
 * old state or the restored one is in place at any instant; the old one is kept beside it.
 *
 * @param userId as `openDatabase`
 * @throws OperatorError if the file is no intact state of a known version, or a process works on the state
 */
export function restore(
  file: string,
  state: string,
  { now, userId, ...options }: CopyOptions & { readonly now: Instant; readonly userId: number | undefined },
): Restored {
  requireBackup(file, options);
  const partial = partialName(state);
  rmSync(partial, { force: true });
  try {
    writeCopy(file, partial, options);
    const db = openDatabase(partial, userId);
    let lastPass: Instant | undefined;
    try {
      lastPass = markRestored(db, now);
    } finally {
      closeDatabase(db);
    }
    flush(partial);
    return { lastPass, replaced: replaceState(state, partial, now, userId) };
  } finally {
    for (const ending of ['', '-wal', '-shm', '-journal', '.lock']) rmSync(partial + ending, { force: true });
  }
}

/** The errors of a state name the setting "state", which is not what is wrong here. */
function requireBackup(file: string, options: CopyOptions): void {
  let reason = 'it does not exist, or is empty';
  try {
    if (requireStateFile(file, undefined, options)) return;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw stateFailure(file, error) ?? error;
    reason = error.message.replace(/^.*?which cannot be used: /, '').replace(/\. Nothing was changed\..*$/, '');
  }
  throw new OperatorError('state.notABackup', `${file} is no backup of a state: ${reason}. Nothing was changed.`, 4);
}

/**
 * What an older snapshot would get wrong: accounts created since would be created twice, values changed since would
 * count as known, and an approval that was used since could be used again.
 */
function markRestored(db: Db, now: Instant): Instant | undefined {
  return db.transaction(() => {
    db.prepare(
      `update target set restored_at = :now, listed = null, leavers_unmatched = 1, planned_reading = 0,
        rules_fingerprint = ''`,
    ).run({ now });
    db.exec(`delete from approval where pass is null; delete from holder; drop table if exists ${markTable}`);
    return (db.prepare('select max(started) from pass').pluck().get() ?? undefined) as Instant | undefined;
  })();
}

/** @returns where the old state is now */
function replaceState(state: string, partial: string, now: Instant, userId: number | undefined): string | undefined {
  if (!existsSync(state)) {
    renameSync(partial, state);
    flush(dirname(state));
    return undefined;
  }
  const kept = `${state}.replaced-${formatTime(now).replaceAll(/[:.]/g, '-')}`;
  const lock = lockState(state, partial, userId);
  try {
    // At rest, the state is one file; one that was killed or is damaged keeps its other files.
    for (const ending of ['-wal', '-shm', '-journal'])
      if (existsSync(state + ending)) renameSync(state + ending, kept + ending);
    keep(state, kept);
    renameSync(partial, state);
    flush(dirname(state));
  } finally {
    lock.release();
  }
  return kept;
}

/** Locks the state, and brings it to rest. It may be damaged: that can be the reason for the restore. */
function lockState(state: string, partial: string, userId: number | undefined): Lock {
  const open = (): Db => {
    try {
      return openDatabase(state, userId);
    } catch {
      return openDatabase(partial, userId);
    }
  };
  const db = open();
  try {
    return lockFile(db, state);
  } finally {
    closeDatabase(db);
  }
}

/** Gives a file a second name, so that the first one can be replaced in one step. */
function keep(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name);
  }
}
