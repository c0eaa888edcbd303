import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/world.ts';

export interface HandClock extends Clock {
  /** Lets so many milliseconds pass, and everything that was waiting for them happen. */
  pass(milliseconds: number): Promise<void>;
}

/** A clock that stands until a test moves it. */
export function handClock(): HandClock {
  let now = Date.UTC(2026, 0, 5);
  const waiting = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => instant(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const one = { until: now + milliseconds, wake: resolve };
        waiting.add(one);
        signal?.addEventListener(
          'abort',
          () => {
            waiting.delete(one);
            reject(signal.reason as Error);
          },
          { once: true },
        );
      }),
    async pass(milliseconds) {
      for (let left = milliseconds; left > 0; left -= 1) {
        now += 1;
        for (const one of waiting) {
          if (one.until > now) continue;
          waiting.delete(one);
          one.wake();
        }
        await new Promise(setImmediate);
      }
    },
  };
}
