import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Clock } from '../../model/clock.ts';
import type { ChangeListener } from '../source.ts';
import { fileIdentity, type PartFile } from './file.ts';

/** Polling works everywhere. Notifications do not: a network file system does not report what other clients write. */
const pollMs = 100;
/** An export that did not change for this time counts as completely written. */
const stableMs = 300;
/** The clock may have been set forward: the file was also looked at this often, and was the same. */
const stableLooks = 2;

/**
 * Calls `changed` when a file has changed and all of them are stable; and once at the start, because files may have
 * changed between the last reading and the first poll. A missing file is not a change until it exists again.
 *
 *     write           |  |
 *     poll      .     |  .     .     .     .
 *     changed         |  |              |          300 ms after the last change was seen
 */
export async function watchFiles(
  files: readonly PartFile[],
  clock: Clock,
  listener: Pick<ChangeListener, 'listening' | 'changed'>,
  signal: AbortSignal,
): Promise<void> {
  let reported: string | undefined;
  let previous = await identityOfAll(files);
  let seenAt = clock.now();
  let equalLooks = 0;
  const notification = createNotification(files, signal);
  listener.listening();
  try {
    while (!signal.aborted) {
      const settlesInMs = previous === undefined || previous === reported ? Infinity : seenAt + stableMs - clock.now();
      // A file that is being written causes many notifications: one is enough until it is stable.
      const wake = settlesInMs === Infinity ? notification.next() : signal;
      await clock.sleep(Math.max(0, Math.min(pollMs, settlesInMs)), wake).catch(() => undefined);
      const current = await identityOfAll(files);
      const now = clock.now();
      const isStable = current === previous && now >= seenAt;
      equalLooks = isStable ? equalLooks + 1 : 0;
      if (!isStable) seenAt = now;
      previous = current;
      if (current === undefined || current === reported || signal.aborted) continue;
      if (now - seenAt < stableMs || equalLooks < stableLooks) continue;
      reported = current;
      listener.changed();
    }
  } finally {
    notification.close();
  }
}

interface Notification {
  /**
   * Aborted by the end of the watch, and once the operating system reports a change of a file. It may report none: then
   * the poll finds it.
   */
  next(): AbortSignal;
  close(): void;
}

/** Saves the time until the next poll, where the file system notifies of changes. */
function createNotification(files: readonly PartFile[], signal: AbortSignal): Notification {
  let watchers: readonly FSWatcher[] = [];
  let current: AbortController | undefined;
  const close = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  const end = (): void => current?.abort();
  signal.addEventListener('abort', end, { once: true });
  return {
    next() {
      if (signal.aborted) return signal;
      if (current !== undefined && !current.signal.aborted) return current.signal;
      const next = new AbortController();
      const notify = (): void => {
        next.abort();
        // A file that was replaced is another one: it is watched again.
        close();
      };
      close();
      watchers = files.flatMap(({ file }) => watcherOf(file, notify));
      current = next;
      return next.signal;
    },
    close() {
      signal.removeEventListener('abort', end);
      close();
    },
  };
}

/** None where the file is missing, or cannot be watched. */
function watcherOf(file: string, notify: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(file, { persistent: false }, notify);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** Undefined where one of the files is missing. */
async function identityOfAll(files: readonly PartFile[]): Promise<string | undefined> {
  const identities = await Promise.all(
    files.map(async ({ file }) =>
      stat(file, { bigint: true })
        .then(fileIdentity)
        .catch(() => undefined),
    ),
  );
  return identities.includes(undefined) ? undefined : identities.join(' ');
}
