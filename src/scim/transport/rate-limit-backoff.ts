import { instant, type Instant } from '../../model/ids.ts';
import { formatDuration, minuteMs } from '../../model/time.ts';
import type { Random } from '../../model/clock.ts';
import type { Response } from './message.ts';
import { retryDelay } from './retry.ts';
import { retryAfterMs } from './retry-after.ts';

/** A pass has no more patience than this with one wish for a pause. */
const maxPauseMs = 5 * minuteMs;

/** When the target as a whole may be asked again, after an answer that asked for a pause. */
export interface RateLimitBackoff {
  pauseAfter(
    response: Response,
    sentAt: Instant,
    now: Instant,
  ): { readonly until: Instant } | { readonly tooLong: string };
  /** It answered something other than 429. */
  reset(): void;
}

/**
 * Requests that were in flight together are all answered 429, once: only one that was sent after the last pause began
 * makes the next pause longer.
 */
export function createRateLimitBackoff(random: Random): RateLimitBackoff {
  let consecutivePauses = 0;
  let pausedAt = Number.NEGATIVE_INFINITY;
  return {
    pauseAfter(response, sentAt, now) {
      const requestedMs = retryAfterMs(response, now);
      if (requestedMs !== undefined && requestedMs > maxPauseMs)
        return { tooLong: `it asks for a pause of ${formatDuration(requestedMs)} (Retry-After)` };
      if (sentAt >= pausedAt) {
        consecutivePauses += 1;
        pausedAt = now;
      }
      const pauseMs = requestedMs ?? exponentialPause(consecutivePauses, random);
      return { until: instant(now + pauseMs) };
    },
    reset() {
      consecutivePauses = 0;
    },
  };
}

function exponentialPause(level: number, random: Random): number {
  const next = retryDelay('rateLimited', level, random);
  return next === 'stop' ? maxPauseMs : next.wait;
}
