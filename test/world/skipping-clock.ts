import { setImmediate as nextTurn } from 'node:timers/promises';
import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/clock.ts';

/** A clock that never waits: its time advances by what is slept. */
export function createSkippingClock(start: number): Clock {
  let now = start;
  return {
    now: () => instant(now),
    async sleep(milliseconds, signal) {
      now += milliseconds;
      // A loop that waits for an answer must let the answer arrive.
      await nextTurn(undefined, signal === undefined ? {} : { signal });
    },
  };
}
