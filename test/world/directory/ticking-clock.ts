import { instant } from '../../../src/model/ids.ts';
import type { Clock } from '../../../src/model/clock.ts';

export interface TickingClock extends Clock {
  advance(milliseconds: number): void;
}

/** Advances by one second with every reading, and as the test sets it. */
export function tickingClock(): TickingClock {
  let now = Date.UTC(2026, 10, 25);
  return {
    now: () => instant((now += 1000)),
    advance(milliseconds) {
      now += milliseconds;
    },
    sleep: async () => undefined,
  };
}
