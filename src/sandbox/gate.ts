import { createHash, timingSafeEqual } from 'node:crypto';
import { errorAnswer, type Answer } from './answer.ts';
import type { Request } from './application.ts';
import { slidingWindow } from './pace.ts';
import { ScimError } from './scim-error.ts';

export interface GateOptions {
  readonly token: string;
  /** More than so many requests in any second are answered 429. Unlimited where it is left out. */
  readonly requestsPerSecond?: number | undefined;
  readonly retryAfter: 'seconds' | 'date' | 'none';
}

/** Judges a request by its headers and its arrival alone. @returns the refusal, or undefined where the request may go on */
export type Gate = (headers: Request['headers'], now: number) => Answer | undefined;

/** Who may come in, and how often: 401 (RFC 6750 section 3) before 429 (RFC 6585 section 4). Refused requests do not count as accepted. */
export function createGate({ token, requestsPerSecond, retryAfter }: GateOptions): Gate {
  const expected = digest(`Bearer ${token}`);
  const pace = requestsPerSecond === undefined ? undefined : slidingWindow(requestsPerSecond);
  return (headers, now) => {
    const given = headers['authorization'];
    if (typeof given !== 'string' || !timingSafeEqual(digest(withBearer(given)), expected)) {
      const challenge = given === undefined ? 'Bearer realm="scim"' : 'Bearer realm="scim", error="invalid_token"';
      return errorAnswer(new ScimError(401, 'The bearer token is missing or wrong.', undefined, { 'www-authenticate': challenge }));
    }
    const wait = pace?.(now) ?? 0;
    if (wait <= 0) return undefined;
    const comeBack = retryAfter === 'date' ? httpDate(now + wait) : String(Math.ceil(wait / 1000));
    const headersOfRefusal = retryAfter === 'none' ? {} : { 'retry-after': comeBack };
    return errorAnswer(new ScimError(429, `More than ${requestsPerSecond} requests in a second.`, undefined, headersOfRefusal));
  };
}

/** The scheme's name is compared without case (RFC 9110 section 11.1). */
const withBearer = (header: string): string => header.replace(/^bearer /i, 'Bearer ');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A date has whole seconds only: the next one, so that who waits for it is not too early. */
function httpDate(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toUTCString();
}
