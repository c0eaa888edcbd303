import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/clock.ts';

export interface ManualClock extends Clock {
  /** Lets so many milliseconds pass, and everything that was waiting for them happen. */
  advance(milliseconds: number): Promise<void>;
}

/** A clock that stands until a test moves it. */
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
