import { stat } from 'node:fs/promises';
import type { Clock } from '../../model/clock.ts';
import type { ChangeListener } from '../source.ts';
import { fileIdentity } from './file.ts';
import type { CsvTable } from './settings.ts';

/**
 * How often the files are looked at. Looking is done in all places, which being told is not: no file system on a network tells who
 * mounted it what others write.
 */
const pollMs = 100;
/** An export that is being written is no export yet: so often in a row it must have looked the same. */
const stablePolls = 3;

/**
 * Tells when one of the files is another than it was, once all of them have held still; and once in the beginning, since they may have changed between
 * the last reading and the first look. A file that is missing is not news; it becomes news when it is there.
 */
export async function watchFiles(
  tables: readonly CsvTable[],
  clock: Clock,
  listener: Pick<ChangeListener, 'listening' | 'changed'>,
  signal: AbortSignal,
): Promise<void> {
  let reported: string | undefined;
  let previous = await identityOfAll(tables);
  let unchangedPolls = 0;
  listener.listening();
  while (!signal.aborted) {
    await clock.sleep(pollMs, signal).catch(() => undefined);
    const current = await identityOfAll(tables);
    unchangedPolls = current === previous ? unchangedPolls + 1 : 0;
    previous = current;
    if (current === undefined || current === reported || unchangedPolls < stablePolls || signal.aborted) continue;
    reported = current;
    listener.changed();
  }
}

/** Undefined where one of them is not there. */
async function identityOfAll(tables: readonly CsvTable[]): Promise<string | undefined> {
  const identities = await Promise.all(
    tables.map(async ({ file }) =>
      stat(file, { bigint: true })
        .then(fileIdentity)
        .catch(() => undefined),
    ),
  );
  return identities.includes(undefined) ? undefined : identities.join(' ');
}
