import { createTask, parse, validate } from 'node-cron';
import type { Clock } from '../model/clock.ts';
import { instant, type Instant } from '../model/ids.ts';
import type { Schedule } from './daemon-io.ts';
import { nextTick, type CronPattern } from './next-tick.ts';

/** Whether a text is a cron expression: five fields, or six with seconds first. */
export function isCronExpression(expression: string): boolean {
  return validate(expression);
}

/** Reads a valid cron expression. */
export function cronPattern(expression: string): CronPattern {
  const { hour, minute, second } = parse(expression);
  const ascending = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b);
  const task = createTask(expression, () => undefined, { timezone: 'UTC' });
  return {
    hours: ascending(hour),
    minutes: ascending(minute),
    seconds: ascending(second),
    matches: (wallTime) => task.match(new Date(wallTime)),
  };
}

/** The longest sleep, in ms: a change of the clock, or a suspension of the computer, is noticed within this time. */
const maxSleepMs = 10_000;
/** Clocks that are kept in step by NTP go back by less than this, in ms. */
const maxSlewMs = 2_000;

/**
 * A schedule from a cron expression. After a step of the clock forward, or a suspension of the computer, the missed
 * ticks are caught up once. After a step back, the next tick is computed again, so that passes do not stop.
 *
 * @param timezone IANA name of the zone in which the expression is meant
 */
export function cronSchedule(expression: string, timezone: string, clock: Clock): Schedule {
  const pattern = cronPattern(expression);
  const run = async (onTick: () => void, stop: AbortSignal): Promise<void> => {
    let now = clock.now();
    for (let at = nextTick(pattern, timezone, now); at !== undefined;) {
      await clock.sleep(Math.min(Math.max(at - clock.now(), 1), maxSleepMs), stop);
      const before: Instant = now;
      now = clock.now();
      if (now < before - maxSlewMs) at = nextTick(pattern, timezone, now);
      else if (now >= at) {
        onTick();
        at = nextTick(pattern, timezone, instant(Math.max(now, at)));
      }
    }
  };
  return (onTick, stop) => {
    // The sleep is rejected when `stop` is aborted.
    run(onTick, stop).catch((error: unknown) => {
      if (!stop.aborted) throw error;
    });
  };
}
