import { createHash, timingSafeEqual } from 'node:crypto';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Quota } from '../../model/profile.ts';
import { errorResponse, type Response } from './response.ts';
import { limitPerWindow, limitPerSecond } from './rate-limit.ts';
import type { HttpRequest } from './request.ts';
import { ScimError } from './scim-error.ts';

/** Which requests the sandbox executes: credentials, rate limit and quotas. */
export interface AdmissionOptions {
  readonly token: string;
  /** Requests above this rate, in any second, get 429. Unlimited if absent. */
  readonly requestsPerSecond?: number | undefined;
  readonly quotas: readonly Quota[];
  readonly retryAfter: 'seconds' | 'date' | 'none';
  /** Whether the sandbox's token endpoint issued a token. */
  readonly isIssued: (token: string) => boolean;
}

/** The parts of a request that admission depends on. */
export interface RequestHead {
  readonly method: string;
  readonly resourceType: ResourceType | undefined;
  readonly headers: HttpRequest['headers'];
}

/**
 * Checks a request when it arrives, before its body is read.
 * @returns the error response, or undefined if it is admitted
 */
export type AdmissionCheck = (head: RequestHead, now: number) => Response | undefined;

/**
 * Checks authentication (401, RFC 6750 section 3), then rate limits (429, RFC 6585 section 4). Refused requests do not
 * count towards limits.
 */
export function createAdmissionCheck({
  token,
  requestsPerSecond,
  quotas,
  retryAfter,
  isIssued,
}: AdmissionOptions): AdmissionCheck {
  const expected = `Bearer ${token}`;
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
            description: `${requestsPerSecond} requests per second`,
          },
        ]),
  ];
  return (head, now) => {
    const { headers } = head;
    const authorization = headers['authorization'];
    if (
      typeof authorization !== 'string' ||
      (!isSameSecret(normaliseScheme(authorization), expected) &&
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
    return errorResponse(new ScimError(429, `The rate limit is ${description}.`, undefined, retryHeaders));
  };
}

function quotaMatcher({ methods, resourceType }: Quota): (head: RequestHead) => boolean {
  return (head) =>
    (methods?.some((method) => method === head.method) ?? true) &&
    (resourceType === undefined || resourceType === head.resourceType);
}

/** The scheme's name is compared without case (RFC 9110 section 11.1). */
const normaliseScheme = (header: string): string => header.replace(/^bearer /i, 'Bearer ');

/** Compares secrets in a time that does not depend on their text. */
export const isSameSecret = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** HTTP dates have whole seconds: round up, so that a client that waits for it is not too early. */
function httpDate(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toUTCString();
}
