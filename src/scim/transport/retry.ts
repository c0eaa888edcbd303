import type { Random } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import { dayMs, formatDuration, parseTime } from '../../model/time.ts';
import type { Decision } from '../judge/judge-response.ts';
import { isHtml } from '../judge/error-body.ts';
import type { HttpResult, Response } from './message.ts';

/** Maximum number of attempts of one request; 429 responses do not count. */
export const maxAttempts = 5;

/**
 * Maximum number of attempts of a write that the application itself answers with 500: a second one is no accident, and
 * a third one would not differ. A gateway's web page does not count.
 */
export const maxApplicationFailures = 2;

/** Whether the application itself failed, and will fail again. */
export const isRepeatedFailure = (result: HttpResult, attempt: number): boolean =>
  result.kind === 'response' && result.status === 500 && !isHtml(result) && attempt >= maxApplicationFailures;

const failureBaseMs = 500;
const failureCapMs = 20_000;
const rateLimitBaseMs = 1000;
const rateLimitCapMs = 60_000;

/**
 * The delay before the next attempt, in milliseconds.
 *
 * After a failure: full jitter, so that clients that failed together do not retry together. After 429 without
 * `Retry-After`: at least half of the step, since the server is available and counts requests.
 *
 * @param attempt number of attempts so far, from 1
 */
export function retryDelay(decision: Decision, attempt: number, random: Random): { readonly wait: number } | 'stop' {
  if (decision === 'rateLimited') {
    const stepMs = Math.min(rateLimitCapMs, rateLimitBaseMs * 2 ** (attempt - 1));
    return { wait: Math.round(stepMs / 2 + (random() * stepMs) / 2) };
  }
  if (decision !== 'retry' || attempt >= maxAttempts) return 'stop';
  return { wait: Math.round(random() * Math.min(failureCapMs, failureBaseMs * 2 ** (attempt - 1))) };
}

/** A server that asks for a longer pause means another thing, or has a defect. In milliseconds. */
export const longestPauseMs = 365 * dayMs;

/** A requested pause as text: "6 min 20 s", "a year or more". */
export const pauseText = (ms: number): string => (ms < longestPauseMs ? formatDuration(ms) : 'a year or more');

/**
 * `Retry-After` (RFC 9110 section 10.2.3), seconds or a date, in milliseconds from now; at most `longestPauseMs`.
 *
 * A date is compared with the `Date` header of the same response, if present, so that a wrong local clock has no
 * effect.
 *
 * @returns undefined where the header is missing, not readable or in the past
 */
export function retryAfterMs({ headers }: Pick<Response, 'headers'>, now: Instant): number | undefined {
  const text = headers['retry-after']?.trim() ?? '';
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : msUntil(text, headers['date'], now);
  return waitMs !== undefined && waitMs > 0 ? Math.min(Math.ceil(waitMs), longestPauseMs) : undefined;
}

function msUntil(text: string, date: string | undefined, now: Instant): number | undefined {
  // A date begins with a weekday; "-5" and "2 minutes" would be parsed as years.
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const at = parseTime(text);
  const from = date === undefined ? now : (parseTime(date) ?? now);
  return at === undefined ? undefined : at - from;
}
