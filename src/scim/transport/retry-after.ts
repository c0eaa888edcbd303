import type { Instant } from '../../model/ids.ts';
import { parseTime } from '../../model/time.ts';
import type { Response } from './message.ts';

/**
 * `Retry-After` (RFC 9110 section 10.2.3), seconds or a date, in milliseconds from now.
 *
 * A date is compared with the `Date` header of the same response, if present, so that a wrong local clock has no
 * effect.
 *
 * @returns undefined where the header is missing, not readable or in the past
 */
export function retryAfterMs({ headers }: Pick<Response, 'headers'>, now: Instant): number | undefined {
  const text = headers['retry-after']?.trim() ?? '';
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : msUntil(text, headers['date'], now);
  return waitMs !== undefined && waitMs > 0 ? Math.ceil(waitMs) : undefined;
}

function msUntil(text: string, date: string | undefined, now: Instant): number | undefined {
  // A date begins with a weekday; "-5" and "2 minutes" would be parsed as years.
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const at = parseTime(text);
  const from = date === undefined ? now : (parseTime(date) ?? now);
  return at === undefined ? undefined : at - from;
}
