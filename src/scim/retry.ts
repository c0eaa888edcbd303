import type { Random } from '../model/world.ts';
import type { Decision } from './response.ts';

/** How often one request is sent at most, refusals for haste not counted. */
export const maxAttempts = 5;

const failureBase = 500;
const failureCap = 20_000;
const hasteBase = 1000;
const hasteCap = 60_000;

/**
 * How long to wait before asking again, in milliseconds.
 *
 * After a failure: full jitter, so that many clients that failed together do not come back together. After 429 without a
 * `Retry-After`: at least half of the step, since the server is known to live and to count.
 *
 * @param attempt how often it was asked so far, from 1
 */
export function retry(decision: Decision, attempt: number, random: Random): { readonly wait: number } | 'stop' {
  if (decision === 'wait') {
    const step = Math.min(hasteCap, hasteBase * 2 ** (attempt - 1));
    return { wait: Math.round(step / 2 + (random() * step) / 2) };
  }
  if (decision !== 'again' || attempt >= maxAttempts) return 'stop';
  return { wait: Math.round(random() * Math.min(failureCap, failureBase * 2 ** (attempt - 1))) };
}
