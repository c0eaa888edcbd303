import type { Instant } from '../model/ids.ts';
import { dayMs } from '../model/time.ts';

/**
 * How urgent the end of a credential is.
 *
 *     days 14, 3      more than 14 days   undefined
 *                     14 days and less    0
 *                     3 days and less     1
 *                     expired             2
 *
 * @param days the longest first
 */
export function expiryStage(expiresAt: Instant, days: readonly number[], now: Instant): number | undefined {
  if (expiresAt <= now) return days.length;
  const passed = days.filter((limit) => expiresAt - now <= limit * dayMs).length;
  return passed === 0 ? undefined : passed - 1;
}
