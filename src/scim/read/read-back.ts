import type { ClientContext } from '../operation-context.ts';
import { newExecution, type OperationExecution } from '../transport/execution.ts';

/** Pauses before a read that contradicts a write is repeated, in ms: many servers show a write a little later. */
const repeatAfterMs: readonly number[] = [2_000, 5_000];

/**
 * Reads a write back after the known consistency delay of the target, and repeats the read until it is settled. Its
 * requests count as verifications.
 *
 * @param read undefined: no read answers, which ends the repetition
 * @returns what the last answered read showed; undefined: no read answered
 */
export async function readBack<T>(
  { clock, profile }: Pick<ClientContext, 'clock' | 'profile'>,
  execution: OperationExecution,
  read: (reads: OperationExecution) => Promise<T | undefined>,
  isSettled: (value: T) => boolean,
): Promise<T | undefined> {
  const reads = newExecution(execution.signal);
  const delayMs = profile.protocol.consistencyDelaySeconds * 1000;
  let last: T | undefined;
  for (const pauseMs of [delayMs, ...repeatAfterMs]) {
    if (pauseMs > 0) await clock.sleep(pauseMs, execution.signal).catch(() => undefined);
    const value = await read(reads);
    if (value === undefined) break;
    last = value;
    if (isSettled(value)) break;
  }
  execution.verifications += reads.requests;
  return last;
}
