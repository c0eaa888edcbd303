import { schedule, validate } from 'node-cron';
import type { Schedule } from './daemon.ts';

/** Whether a text is a cron expression: five fields, or six with seconds first. */
export function isCronExpression(expression: string): boolean {
  return validate(expression);
}

/** A schedule from a cron expression. @param timezone IANA name of the zone in which the expression is meant */
export function cronSchedule(expression: string, timezone: string): Schedule {
  return (onTick, stop) => {
    const task = schedule(expression, onTick, { timezone });
    stop.addEventListener(
      'abort',
      () => {
        void task.destroy();
      },
      { once: true },
    );
  };
}
