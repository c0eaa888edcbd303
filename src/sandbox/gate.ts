import { createHash, timingSafeEqual } from 'node:crypto';
import type { Kind } from '../model/kind.ts';
import type { Window } from '../model/profile.ts';
import { errorAnswer, type Answer } from './answer.ts';
import { atMost, slidingWindow } from './pace.ts';
import type { Request } from './request.ts';
import { ScimError } from './scim-error.ts';

export interface GateOptions {
  readonly token: string;
  /** More than so many requests in any second are answered 429. Unlimited where it is left out. */
  readonly requestsPerSecond?: number | undefined;
  readonly windows: readonly Window[];
  readonly retryAfter: 'seconds' | 'date' | 'none';
  /** Whether a token that is not the one above is good as well. */
  readonly isIssued: (token: string) => boolean;
}

/** What a gate sees of a request. */
export interface Arrival {
  readonly method: string;
  readonly kind: Kind | undefined;
  readonly headers: Request['headers'];
}

/** Judges a request by its headers and its arrival alone. @returns the refusal, or undefined where the request may go on */
export type Gate = (arrival: Arrival, now: number) => Answer | undefined;

/** Who may come in, and how often: 401 (RFC 6750 section 3) before 429 (RFC 6585 section 4). Refused requests do not count as accepted. */
export function createGate({ token, requestsPerSecond, windows, retryAfter, isIssued }: GateOptions): Gate {
  const expected = digest(`Bearer ${token}`);
  const limits = [
    ...windows.map((window) => ({
      meets: meeting(window),
      pace: atMost(window.requests, window.seconds * 1000),
      said: `${window.requests} requests in ${window.seconds} seconds`,
    })),
    ...(requestsPerSecond === undefined
      ? []
      : [
          {
            meets: () => true,
            pace: slidingWindow(requestsPerSecond),
            said: `${requestsPerSecond} requests in a second`,
          },
        ]),
  ];
  return (arrival, now) => {
    const { headers } = arrival;
    const given = headers['authorization'];
    if (
      typeof given !== 'string' ||
      (!timingSafeEqual(digest(withBearer(given)), expected) && !isIssued(withBearer(given).slice('Bearer '.length)))
    ) {
      const challenge = given === undefined ? 'Bearer realm="scim"' : 'Bearer realm="scim", error="invalid_token"';
      return errorAnswer(
        new ScimError(401, 'The bearer token is missing or wrong.', undefined, { 'www-authenticate': challenge }),
      );
    }
    const met = limits
      .filter(({ meets }) => meets(arrival))
      .map(({ pace, said }) => ({ wait: pace(now), said }))
      .find(({ wait }) => wait > 0);
    if (met === undefined) return undefined;
    const { wait, said } = met;
    const comeBack = retryAfter === 'date' ? httpDate(now + wait) : String(Math.ceil(wait / 1000));
    const headersOfRefusal = retryAfter === 'none' ? {} : { 'retry-after': comeBack };
    return errorAnswer(new ScimError(429, `More than ${said}.`, undefined, headersOfRefusal));
  };
}

function meeting({ methods, kind }: Window): (arrival: Arrival) => boolean {
  return (arrival) =>
    (methods?.some((method) => method === arrival.method) ?? true) && (kind === undefined || kind === arrival.kind);
}

/** The scheme's name is compared without case (RFC 9110 section 11.1). */
const withBearer = (header: string): string => header.replace(/^bearer /i, 'Bearer ');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A date has whole seconds only: the next one, so that who waits for it is not too early. */
function httpDate(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toUTCString();
}
