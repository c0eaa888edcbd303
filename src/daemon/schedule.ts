import { schedule, validate } from 'node-cron';
import type { Schedule } from './daemon.ts';

/** Whether a text is a schedule: five fields, or six with seconds first. */
export function isCronExpression(expression: string): boolean {
  return validate(expression);
}

/** Ticks by cron's notation in a time zone. */
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
