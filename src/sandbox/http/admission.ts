import { createHash, timingSafeEqual } from 'node:crypto';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Quota } from '../../model/profile.ts';
import { errorResponse, type Response } from './response.ts';
import { limitPerWindow, limitPerSecond } from './rate-limit.ts';
import type { HttpRequest } from './request.ts';
import { ScimError } from './scim-error.ts';

export interface AdmissionOptions {
  readonly token: string;
  /** More than so many requests in any second are answered 429. Unlimited where it is left out. */
  readonly requestsPerSecond?: number | undefined;
  readonly quotas: readonly Quota[];
  readonly retryAfter: 'seconds' | 'date' | 'none';
  /** Whether a token that is not the one above is good as well. */
  readonly isIssued: (token: string) => boolean;
}

/** What a gate sees of a request. */
export interface RequestHead {
  readonly method: string;
  readonly resourceType: ResourceType | undefined;
  readonly headers: HttpRequest['headers'];
}

/** Judges a request by its headers and its arrival alone. @returns the refusal, or undefined where the request may go on */
export type AdmissionCheck = (head: RequestHead, now: number) => Response | undefined;

/** Who may come in, and how often: 401 (RFC 6750 section 3) before 429 (RFC 6585 section 4). Refused requests do not count as accepted. */
export function createAdmissionCheck({
  token,
  requestsPerSecond,
  quotas,
  retryAfter,
  isIssued,
}: AdmissionOptions): AdmissionCheck {
  const expected = digest(`Bearer ${token}`);
  const limits = [
    ...quotas.map((quota) => ({
      appliesTo: quotaMatcher(quota),
      limit: limitPerWindow(quota.requests, quota.seconds * 1000),
      description: `${quota.requests} requests in ${quota.seconds} seconds`,
    })),
    ...(requestsPerSecond === undefined
      ? []
      : [
          {
            appliesTo: () => true,
            limit: limitPerSecond(requestsPerSecond),
            description: `${requestsPerSecond} requests in a second`,
          },
        ]),
  ];
  return (head, now) => {
    const { headers } = head;
    const authorization = headers['authorization'];
    if (
      typeof authorization !== 'string' ||
      (!timingSafeEqual(digest(normaliseScheme(authorization)), expected) &&
        !isIssued(normaliseScheme(authorization).slice('Bearer '.length)))
    ) {
      const challenge =
        authorization === undefined ? 'Bearer realm="scim"' : 'Bearer realm="scim", error="invalid_token"';
      return errorResponse(
        new ScimError(401, 'The bearer token is missing or wrong.', undefined, { 'www-authenticate': challenge }),
      );
    }
    const exceeded = limits
      .filter(({ appliesTo }) => appliesTo(head))
      .map(({ limit, description }) => ({ wait: limit(now), description }))
      .find(({ wait }) => wait > 0);
    if (exceeded === undefined) return undefined;
    const { wait, description } = exceeded;
    const retryAfterValue = retryAfter === 'date' ? httpDate(now + wait) : String(Math.ceil(wait / 1000));
    const retryHeaders = retryAfter === 'none' ? {} : { 'retry-after': retryAfterValue };
    return errorResponse(new ScimError(429, `More than ${description}.`, undefined, retryHeaders));
  };
}

function quotaMatcher({ methods, resourceType }: Quota): (head: RequestHead) => boolean {
  return (head) =>
    (methods?.some((method) => method === head.method) ?? true) &&
    (resourceType === undefined || resourceType === head.resourceType);
}

/** The scheme's name is compared without case (RFC 9110 section 11.1). */
const normaliseScheme = (header: string): string => header.replace(/^bearer /i, 'Bearer ');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A date has whole seconds only: the next one, so that who waits for it is not too early. */
function httpDate(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toUTCString();
}
