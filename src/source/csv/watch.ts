import { stat } from 'node:fs/promises';
import type { Clock } from '../../model/world.ts';
import { identityOf } from './file.ts';
import type { Hear } from '../source.ts';
import type { CsvTable } from './settings.ts';

/**
 * How often the files are looked at. Looking is done in all places, which being told is not: no file system on a network tells who
 * mounted it what others write.
 */
const pollMs = 150;

/**
 * Tells when one of the files is another than it was, once it has held still for a moment: an export that is being written is no export yet.
 * A file that is missing is not news; it becomes news when it is there.
 */
export async function watchFiles(tables: readonly CsvTable[], clock: Clock, hear: Pick<Hear, 'listening' | 'changed'>, signal: AbortSignal): Promise<void> {
  let told = await look(tables);
  let before = told;
  hear.listening();
  while (!signal.aborted) {
    await clock.sleep(pollMs, signal).catch(() => undefined);
    const now = await look(tables);
    const heldStill = now !== undefined && now === before;
    before = now;
    if (!heldStill || now === told || signal.aborted) continue;
    told = now;
    hear.changed();
  }
}

/** Undefined where one of them is not there. */
async function look(tables: readonly CsvTable[]): Promise<string | undefined> {
  const found = await Promise.all(tables.map(async ({ file }) => stat(file, { bigint: true }).then(identityOf).catch(() => undefined)));
  return found.includes(undefined) ? undefined : found.join(' ');
}
