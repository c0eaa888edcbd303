import { watchClock } from '../../daemon/clock-steps.ts';
import type { Clock } from '../../model/clock.ts';
import { formatDuration } from '../../model/time.ts';
import type { Log } from '../log.ts';

/** Logs each step of the clock, until `stop` is aborted. */
export function logClockSteps(clock: Clock, log: Log, stop: AbortSignal): void {
  void watchClock(
    clock,
    () => performance.now(),
    (milliseconds) => {
      const step = formatDuration(Math.abs(milliseconds));
      if (milliseconds > 0)
        log.warn(`the clock went ${step} forward, or the computer was suspended; missed passes are caught up once`);
      else log.warn(`the clock went ${step} back; the next scheduled passes follow the new time`);
    },
    stop,
  );
}
