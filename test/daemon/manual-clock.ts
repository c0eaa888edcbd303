import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/clock.ts';

/** A clock for tests. */
export interface ManualClock extends Clock {
  /** Advances the time by this number of milliseconds, and wakes all sleepers that are due. */
  advance(milliseconds: number): Promise<void>;
}

/** A clock that advances only when a test calls `advance`. */
export function createManualClock(): ManualClock {
  let now = Date.UTC(2026, 0, 5);
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => instant(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: now + milliseconds, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            sleepers.delete(sleeper);
            reject(signal.reason as Error);
          },
          { once: true },
        );
      }),
    async advance(milliseconds) {
      for (let remaining = milliseconds; remaining > 0; remaining -= 1) {
        now += 1;
        for (const one of sleepers) {
          if (one.until > now) continue;
          sleepers.delete(one);
          one.wake();
        }
        await new Promise(setImmediate);
      }
    },
  };
}
