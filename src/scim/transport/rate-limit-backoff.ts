import { instant, type Instant } from '../../model/ids.ts';
import { minuteMs } from '../../model/time.ts';
import type { Random } from '../../model/clock.ts';
import type { Response } from './message.ts';
import { requestedPause } from './rate-limit-fields.ts';
import { pauseText, retryDelay } from './retry.ts';

/** Longest pause that a pass accepts. In milliseconds. */
export const maxPauseMs = 5 * minuteMs;

/** Decides how long all requests to a target pause after a response that asks for it (429, or 503 with Retry-After). */
export interface RateLimitBackoff {
  /** @returns the end of the pause, and the reason if it is too long */
  pauseAfter(response: Response, sentAt: Instant, now: Instant): { readonly until: Instant; readonly tooLong?: string };
  /** The target accepted a request: the next pause starts at the shortest step. */
  reset(): void;
}

/**
 * Several requests in flight may all receive 429 at once. Only a request sent after the last pause began makes the next
 * pause longer.
 */
export function createRateLimitBackoff(random: Random): RateLimitBackoff {
  let consecutivePauses = 0;
  let pausedAt = Number.NEGATIVE_INFINITY;
  return {
    pauseAfter(response, sentAt, now) {
      const requested = requestedPause(response, now);
      if (requested !== undefined && requested.ms > maxPauseMs)
        return {
          until: instant(now + requested.ms),
          tooLong: `it asks for a pause of ${pauseText(requested.ms)} (${requested.field})`,
        };
      if (sentAt >= pausedAt) {
        consecutivePauses += 1;
        pausedAt = now;
      }
      const pauseMs = requested?.ms ?? exponentialPause(consecutivePauses, random);
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
