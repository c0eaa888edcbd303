import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/clock.ts';

export interface DebounceOptions {
  /** Milliseconds without news after which what came is acted upon. */
  readonly quietMs: number;
  /** Milliseconds after the first news after which it is acted upon though more keeps coming. */
  readonly maxWaitMs: number;
}

/**
 * One call for a storm of news.
 *
 *     news   |.. .  .                |....................
 *     call            |                       |        (quiet, or the longest wait is over)
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
    // Told to stop, nobody waits any more.
    wait(firstEventAt).catch(() => undefined);
  };
}
