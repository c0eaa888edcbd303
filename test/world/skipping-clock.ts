import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/clock.ts';

interface Wait {
  readonly endsAt: number;
  readonly end: () => void;
}

/**
 * A clock for simulations: waits take no real time. One turn of the event loop after the last activity, the clock
 * jumps to the end of the earliest pending wait. So waits that overlap end in their order, and a timeout ends only if
 * the request that it guards does not end earlier.
 */
export function createSkippingClock(start = Date.UTC(2026, 0, 5)): Clock & { set(at: number): void } {
  let now = start;
  let isScheduled = false;
  const pending = new Set<Wait>();

  const schedule = (): void => {
    if (isScheduled || pending.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const earliest = [...pending].reduce<Wait | undefined>(
        (first, wait) => (first === undefined || wait.endsAt < first.endsAt ? wait : first),
        undefined,
      );
      if (earliest === undefined) return;
      now = Math.max(now, earliest.endsAt);
      earliest.end();
      schedule();
    });
  };

  return {
    now: () => instant(now),
    /** Sets the clock, also back. */
    set(at) {
      now = at;
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          pending.delete(wait);
          reject(signal?.reason as Error);
        };
        const wait: Wait = {
          endsAt: now + milliseconds,
          end: () => {
            pending.delete(wait);
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        if (signal?.aborted === true) return abort();
        signal?.addEventListener('abort', abort, { once: true });
        pending.add(wait);
        schedule();
      }),
  };
}
