import type { Random } from '../../model/clock.ts';
import type { Decision } from '../judge/judge-response.ts';

/** Maximum number of attempts of one request; 429 responses do not count. */
export const maxAttempts = 5;

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
