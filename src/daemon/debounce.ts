import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/clock.ts';

/** When a series of events counts as complete. */
export interface DebounceOptions {
  /** Milliseconds without an event until the callback runs. */
  readonly quietMs: number;
  /** Milliseconds after the first event until the callback runs, even if events continue. */
  readonly maxWaitMs: number;
}

/**
 * Combines a series of events into one call of `callback`.
 *
 *     event  |.. .  .                |....................
 *     call            |                       |        (after quietMs, or after maxWaitMs)
 *
 * @returns the function to call for each event
 */
export function debounce(
  clock: Clock,
  { quietMs, maxWaitMs }: DebounceOptions,
  callback: () => void,
  stop: AbortSignal,
): () => void {
  let firstEventAt: Instant | undefined;
  let lastEventAt: Instant;
  const wait = async (startedAt: Instant): Promise<void> => {
    for (;;) {
      const remainingMs = Math.min(lastEventAt + quietMs, startedAt + maxWaitMs) - clock.now();
      if (remainingMs <= 0) break;
      await clock.sleep(remainingMs, stop);
    }
    firstEventAt = undefined;
    callback();
  };
  return () => {
    lastEventAt = clock.now();
    if (firstEventAt !== undefined || stop.aborted) return;
    firstEventAt = lastEventAt;
    // The wait is rejected when `stop` is aborted; no call is needed then.
    wait(firstEventAt).catch(() => undefined);
  };
}
