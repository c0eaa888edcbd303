import { instant, type Instant } from '../model/ids.ts';
import { minuteMs } from '../model/time.ts';

const firstIntervalMs = 5_000;
const maxIntervalMs = 5 * minuteMs;
/** A pause that the target asks for may be longer than the interval, up to this time, in ms. */
const maxPauseMs = 60 * minuteMs;

/**
 * When a target that failed is tried again: after 5 s, 10 s, 20 s … at most 5 minutes, and not before the end of a
 * pause that it asked for.
 *
 * @param failures how often it failed in a row, this time included
 */
export function quarantineEnd(now: Instant, failures: number, pausedUntil: Instant | undefined): Instant {
  const intervalMs = Math.min(firstIntervalMs * 2 ** (failures - 1), maxIntervalMs);
  const pauseMs = Math.min((pausedUntil ?? now) - now, maxPauseMs);
  return instant(now + Math.max(intervalMs, pauseMs));
}
