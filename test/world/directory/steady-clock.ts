import { instant } from '../../../src/model/ids.ts';
import type { Clock } from '../../../src/model/world.ts';

export interface SteadyClock extends Clock {
  pass(milliseconds: number): void;
}

/** Goes on by a second whenever somebody looks, and otherwise as it is told. */
export function steadyClock(): SteadyClock {
  let now = Date.UTC(2026, 10, 25);
  return {
    now: () => instant((now += 1000)),
    pass(milliseconds) {
      now += milliseconds;
    },
    sleep: async () => undefined,
  };
}
