import type { Instant } from '../../model/ids.ts';
import { parseTime } from '../../model/time.ts';
import type { Response } from './message.ts';
import { longestPauseMs, retryAfterMs } from './retry.ts';

/** A pause that a response asks for, and the field that asks for it. */
export interface RequestedPause {
  readonly ms: number;
  readonly field: 'Retry-After' | 'RateLimit';
}

/**
 * The pause that a response asks for: `Retry-After`, or the time until a used-up rate limit is reset.
 *
 * Servers describe their limits in several forms:
 *
 *     RateLimit-Remaining: 0                    draft-ietf-httpapi-ratelimit-headers until 07;
 *     RateLimit-Reset: 30                       the reset is in seconds from now
 *     RateLimit: "burst";r=0;t=30               the same draft from 08 on; several limits are separated by commas
 *     X-RateLimit-Remaining: 0                  before any draft, also as X-Rate-Limit-…;
 *     X-RateLimit-Reset: 1772366430             the reset is often in seconds since 1970
 *
 * A limit counts where no request remains, and after 429 also where the number of remaining requests is missing.
 *
 * @returns undefined where the response asks for no pause
 */
export function requestedPause(response: Response, now: Instant): RequestedPause | undefined {
  const retryAfter = retryAfterMs(response, now);
  if (retryAfter !== undefined) return { ms: retryAfter, field: 'Retry-After' };
  if (!hasLimitFields(response)) return undefined;
  const waits = limitsOf(response, now).flatMap(({ remaining, resetMs }) =>
    remaining === 0 || (remaining === undefined && response.status === 429) ? [resetMs] : [],
  );
  const ms = Math.min(Math.ceil(Math.max(0, ...waits)), longestPauseMs);
  return ms === 0 ? undefined : { ms, field: 'RateLimit' };
}

interface Limit {
  /** Undefined: missing or not readable. */
  readonly remaining: number | undefined;
  readonly resetMs: number;
}

/** Beginnings of the field names, in lower case. */
const prefixes = ['ratelimit', 'x-ratelimit', 'x-rate-limit'];

/** Most responses have no such field, and each one is asked. */
function hasLimitFields({ headers }: Pick<Response, 'headers'>): boolean {
  for (const name in headers) if (name.startsWith('ratelimit') || name.startsWith('x-rate')) return true;
  return false;
}

function limitsOf({ headers }: Pick<Response, 'headers'>, now: Instant): readonly Limit[] {
  const fields = prefixes.map((prefix) => ({
    remaining: numberIn(headers[`${prefix}-remaining`]),
    resetMs: resetMs(numberIn(headers[`${prefix}-reset`]), headers['date'], now),
  }));
  const items = (headers['ratelimit'] ?? '').split(',').map((item) => ({
    remaining: numberIn(/;\s*r=(\d+)/.exec(item)?.[1]),
    resetMs: resetMs(numberIn(/;\s*t=(\d+)/.exec(item)?.[1]), headers['date'], now),
  }));
  return [...fields, ...items].flatMap(({ remaining, resetMs: ms }) =>
    ms === undefined ? [] : [{ remaining, resetMs: ms }],
  );
}

/** A larger number of seconds is a time since 1970, not a duration: thirty years. */
const longestDurationSeconds = 1_000_000_000;

/** @param date the `Date` field: a wrong local clock has no effect on a time of the server */
function resetMs(seconds: number | undefined, date: string | undefined, now: Instant): number | undefined {
  if (seconds === undefined) return undefined;
  if (seconds < longestDurationSeconds) return seconds * 1000;
  return seconds * 1000 - (date === undefined ? now : (parseTime(date) ?? now));
}

/** The number at the start: some servers append the policy, as in `30;w=60` or `0, 100;w=60`. */
function numberIn(text: string | undefined): number | undefined {
  const [digits] = /^\d+/.exec(text?.trim() ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}
