import type { Clock } from '../model/clock.ts';
import type { Instant } from '../model/ids.ts';

/**
 * The longest sleep, in ms. A timer measures elapsed time and the moment is a time of day: after a change of the clock
 * or a suspension of the computer, the difference is recomputed. It is below the limit of timers, 2^31 - 1 ms.
 */
const maxSleepMs = 10_000;

/**
 * Calls `onDue` at a moment, also where the clock is changed meanwhile.
 *
 * @returns the function that sets the moment, in place of an earlier one; undefined: never
 */
export function createAlarm(clock: Clock, onDue: () => void, stop: AbortSignal): (at: Instant | undefined) => void {
  let earlier = new AbortController();
  const wait = async (at: Instant, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const remainingMs = at - clock.now();
      if (remainingMs <= 0) break;
      await clock.sleep(Math.min(remainingMs, maxSleepMs), signal);
    }
    onDue();
  };
  return (at) => {
    earlier.abort();
    if (at === undefined || stop.aborted) return;
    earlier = new AbortController();
    // The sleep is rejected when `stop` is aborted, or when another moment is set.
    wait(at, AbortSignal.any([stop, earlier.signal])).catch(() => undefined);
  };
}
