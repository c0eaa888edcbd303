import { nextTick } from '../../daemon/next-tick.ts';
import type { Instant } from '../../model/ids.ts';

/** The first moment after another one at which clocks show `08:00`. It follows daylight saving as schedules do. */
export function nextTimeOfDay(timeOfDay: string, zone: string, after: Instant): Instant | undefined {
  const [hour = 0, minute = 0] = timeOfDay.split(':').map(Number);
  return nextTick({ hours: [hour], minutes: [minute], seconds: [0], matches: () => true }, zone, after);
}
