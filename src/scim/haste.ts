import { instant, type Instant } from '../model/ids.ts';
import { duration, minute } from '../model/time.ts';
import type { Random } from '../model/world.ts';
import type { Reply } from './message.ts';
import { retry } from './retry.ts';
import { retryAfter } from './retry-after.ts';

/** A pass has no more patience than this with one wish for a pause. */
const longestPause = 5 * minute;

/** When the target as a whole may be asked again, after an answer that asked for a pause. */
export interface Haste {
  pauseAfter(reply: Reply, sentAt: Instant, now: Instant): { readonly until: Instant } | { readonly tooLong: string };
  /** It answered something other than 429. */
  over(): void;
}

/**
 * Requests that were in flight together are all answered 429, once: only one that was sent after the last pause began
 * makes the next pause longer.
 */
export function openHaste(random: Random): Haste {
  let level = 0;
  let pausedAt = Number.NEGATIVE_INFINITY;
  return {
    pauseAfter(reply, sentAt, now) {
      const asked = retryAfter(reply, now);
      if (asked !== undefined && asked > longestPause)
        return { tooLong: `it asks for a pause of ${duration(asked)} (Retry-After)` };
      if (sentAt >= pausedAt) {
        level += 1;
        pausedAt = now;
      }
      const pause = asked ?? pauseOf(level, random);
      return { until: instant(now + pause) };
    },
    over() {
      level = 0;
    },
  };
}

function pauseOf(level: number, random: Random): number {
  const next = retry('wait', level, random);
  return next === 'stop' ? longestPause : next.wait;
}
