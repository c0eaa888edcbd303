import { setImmediate as nextTurn } from 'node:timers/promises';
import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/clock.ts';

/** A clock that advances by the duration of each sleep without waiting. */
export function createSkippingClock(start: number): Clock {
  let now = start;
  return {
    now: () => instant(now),
    async sleep(milliseconds, signal) {
      now += milliseconds;
      // A loop that waits for a response must let the event loop receive it.
      await nextTurn(undefined, signal === undefined ? {} : { signal });
    },
  };
}
