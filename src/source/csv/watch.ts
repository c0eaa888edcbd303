import { stat } from 'node:fs/promises';
import type { Clock } from '../../model/clock.ts';
import type { ChangeListener } from '../source.ts';
import { fileIdentity, type PartFile } from './file.ts';

/** Polling works everywhere. Notifications do not: a network file system does not report what other clients write. */
const pollMs = 100;
/** The number of equal polls after which an export counts as completely written. */
const stablePolls = 3;

/**
 * Calls `changed` when a file has changed and all of them are stable; and once at the start, because files may have
 * changed between the last reading and the first poll. A missing file is not a change until it exists again.
 */
export async function watchFiles(
  files: readonly PartFile[],
  clock: Clock,
  listener: Pick<ChangeListener, 'listening' | 'changed'>,
  signal: AbortSignal,
): Promise<void> {
  let reported: string | undefined;
  let previous = await identityOfAll(files);
  let unchangedPolls = 0;
  listener.listening();
  while (!signal.aborted) {
    await clock.sleep(pollMs, signal).catch(() => undefined);
    const current = await identityOfAll(files);
    unchangedPolls = current === previous ? unchangedPolls + 1 : 0;
    previous = current;
    if (current === undefined || current === reported || unchangedPolls < stablePolls || signal.aborted) continue;
    reported = current;
    listener.changed();
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
