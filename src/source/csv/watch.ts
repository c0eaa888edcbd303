import { stat } from 'node:fs/promises';
import type { Clock } from '../../model/world.ts';
import type { Hear } from '../source.ts';
import { identityOf } from './file.ts';
import type { CsvTable } from './settings.ts';

/**
 * How often the files are looked at. Looking is done in all places, which being told is not: no file system on a network tells who
 * mounted it what others write.
 */
const pollMs = 100;
/** An export that is being written is no export yet: so often in a row it must have looked the same. */
const looksAlike = 3;

/**
 * Tells when one of the files is another than it was, once all of them have held still; and once in the beginning, since they may have changed between
 * the last reading and the first look. A file that is missing is not news; it becomes news when it is there.
 */
export async function watchFiles(
  tables: readonly CsvTable[],
  clock: Clock,
  hear: Pick<Hear, 'listening' | 'changed'>,
  signal: AbortSignal,
): Promise<void> {
  let told: string | undefined;
  let last = await look(tables);
  let alike = 0;
  hear.listening();
  while (!signal.aborted) {
    await clock.sleep(pollMs, signal).catch(() => undefined);
    const now = await look(tables);
    alike = now === last ? alike + 1 : 0;
    last = now;
    if (now === undefined || now === told || alike < looksAlike || signal.aborted) continue;
    told = now;
    hear.changed();
  }
}

/** Undefined where one of them is not there. */
async function look(tables: readonly CsvTable[]): Promise<string | undefined> {
  const found = await Promise.all(
    tables.map(async ({ file }) =>
      stat(file, { bigint: true })
        .then(identityOf)
        .catch(() => undefined),
    ),
  );
  return found.includes(undefined) ? undefined : found.join(' ');
}
