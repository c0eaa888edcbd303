import { schedule, validate } from 'node-cron';
import type { Ticks } from './daemon.ts';

/** Whether a text is a schedule: five fields, or six with seconds first. */
export function isSchedule(expression: string): boolean {
  return validate(expression);
}

/** Ticks by cron's notation in a time zone. */
export function cronSchedule(expression: string, timezone: string): Ticks {
  return (due, stop) => {
    const task = schedule(expression, due, { timezone });
    stop.addEventListener(
      'abort',
      () => {
        void task.destroy();
      },
      { once: true },
    );
  };
}
