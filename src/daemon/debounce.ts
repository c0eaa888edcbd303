import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/world.ts';

export interface Patience {
  /** Milliseconds without news after which what came is acted upon. */
  readonly quietMs: number;
  /** Milliseconds after the first news after which it is acted upon though more keeps coming. */
  readonly longestMs: number;
}

/**
 * One call for a storm of news.
 *
 *     news   |.. .  .                |....................
 *     call            |                       |        (quiet, or the longest wait is over)
 */
export function debounced(
  clock: Clock,
  { quietMs, longestMs }: Patience,
  call: () => void,
  stop: AbortSignal,
): () => void {
  let first: Instant | undefined;
  let last: Instant;
  const wait = async (begun: Instant): Promise<void> => {
    for (;;) {
      const left = Math.min(last + quietMs, begun + longestMs) - clock.now();
      if (left <= 0) break;
      await clock.sleep(left, stop);
    }
    first = undefined;
    call();
  };
  return () => {
    last = clock.now();
    if (first !== undefined || stop.aborted) return;
    first = last;
    // Told to stop, nobody waits any more.
    wait(first).catch(() => undefined);
  };
}
