import { stat } from 'node:fs/promises';
import type { Clock } from '../../model/clock.ts';
import { IncompleteReading } from '../../model/errors.ts';
import { fileIdentity, type PartFile } from './file.ts';

/** After this number of waits, an export that still changes is left to the next pass. */
const maxWaits = 12;

/**
 * Waits until all files have held still for `settleMs`: by their modification time, or, where the clock of the file
 * server is ahead, because they did not change during such a wait. A missing file is reported by the reading.
 *
 * @throws IncompleteReading
 */
export async function settleFiles(
  files: readonly PartFile[],
  settleMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let before = await stateOf(files);
  for (let wait = 0; wait < maxWaits; wait += 1) {
    const youngestMs = Math.min(...before.map(({ modifiedMs }) => clock.now() - modifiedMs));
    if (youngestMs >= settleMs) return;
    await clock.sleep(youngestMs < 0 ? settleMs : settleMs - youngestMs, signal);
    signal.throwIfAborted();
    const now = await stateOf(files);
    const isStill = now.every(({ identity }, index) => identity === before[index]?.identity);
    before = now;
    if (isStill) return;
  }
  const names = files.map(({ name }) => name).join(', ');
  throw new IncompleteReading(
    'csv.stillWritten',
    `${names} did not hold still for ${settleMs / 1000} s (source.settleSeconds) in ${maxWaits} attempts: ` +
      'the export is still being written. Nothing was planned or changed; the next pass tries again.',
  );
}

async function stateOf(
  files: readonly PartFile[],
): Promise<readonly { readonly identity: string; readonly modifiedMs: number }[]> {
  return Promise.all(
    files.map(({ file }) =>
      stat(file, { bigint: true }).then(
        (stats) => ({ identity: fileIdentity(stats), modifiedMs: Number(stats.mtimeMs) }),
        () => ({ identity: '', modifiedMs: -Infinity }),
      ),
    ),
  );
}
