import { errorResponse, jsonResponse, type Response } from '../http/response.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import type { ScimRequest } from '../http/request.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { htmlResponse, isWrite } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Gateways, proxies and overload. They see requests as a whole, not the operations inside Bulk. */
export const gateways: readonly Misbehaviour[] = [
  {
    number: 86,
    title: 'every error has status 200 and is in the body; every fifth write is refused so, in turn with 403 and 500',
    create: errorsInSuccess,
  },
  {
    number: 87,
    title: 'after every 10 requests, the next 30 return 200 and {}, as while a tenant is switched off',
    create: switchedOff,
  },
  {
    number: 91,
    title: 'after every 10 requests, the next 25 return 404, in turn as an HTML page and as a SCIM error',
    create: notFoundBursts,
  },
  {
    number: 94,
    title: 'a proxy adds -gzip to the ETag header; If-Match returns 412 for users and 400 for groups',
    create: () => ({ intercept: rejectIfMatch, transformResponse: alteredEtag }),
  },
  {
    number: 108,
    title: 'at most 10 requests in 2 seconds, shown by RateLimit-Remaining and RateLimit-Reset without Retry-After',
    create: rateLimitFields,
  },
  {
    number: 109,
    title: 'every response with a body has a history of 28 MB in it',
    create: () => ({
      transformResponse: (response, { http }) =>
        response.body === undefined || http.inBulk === true ? response : { ...response, unlogged: largeMember() },
    }),
  },
  {
    number: 110,
    title: 'writes get no response, and the connection stays open for 90 seconds; reads work',
    create: () => ({
      intercept: (request) => (isGatewayWrite(request) ? { status: 504, headers: {}, isHeldBack: true } : undefined),
    }),
  },
];

/** Whether a gateway sees it as a request that changes resources. */
const isGatewayWrite = (request: ScimRequest): boolean =>
  request.http.inBulk !== true && (isWrite(request) || request.endpointType === 'bulk');

function errorsInSuccess(): Behaviour {
  let writes = 0;
  return {
    intercept(request) {
      if (!isGatewayWrite(request)) return undefined;
      writes += 1;
      if (writes % 5 !== 0) return undefined;
      return errorResponse(
        writes % 10 === 5
          ? new ScimError(403, 'The policy of the gateway forbids the request.')
          : new ScimError(500, 'The gateway failed.'),
      );
    },
    transformResponse: (response, { http }) =>
      response.status >= 400 && http.inBulk !== true ? { ...response, status: 200 } : response,
  };
}

/**
 * Counts requests: after `normal` requests, the next `affected` ones belong to a burst, and so on.
 * @returns the number of the burst from 1, or undefined between bursts
 */
function createBursts(normal: number, affected: number): () => number | undefined {
  let requests = 0;
  return () => {
    const at = requests % (normal + affected);
    const burst = Math.floor(requests / (normal + affected)) + 1;
    requests += 1;
    return at < normal ? undefined : burst;
  };
}

function switchedOff(): Behaviour {
  const nextBurst = createBursts(10, 30);
  return {
    intercept: ({ http }) => (http.inBulk !== true && nextBurst() !== undefined ? jsonResponse(200, {}) : undefined),
  };
}

function notFoundBursts(): Behaviour {
  const nextBurst = createBursts(10, 25);
  return {
    intercept({ http }) {
      const burst = http.inBulk === true ? undefined : nextBurst();
      if (burst === undefined) return undefined;
      return burst % 2 === 1 ? htmlResponse(404, '404 Not Found') : errorResponse(new ScimError(404, 'Not found.'));
    },
  };
}

const rejectIfMatch: NonNullable<Behaviour['intercept']> = ({ http, resourceType }) => {
  const tag = http.headers['if-match'];
  if (tag === undefined) return undefined;
  if (resourceType === 'Group') throw badRequest('invalidSyntax', 'The header If-Match is not supported.');
  throw new ScimError(412, `The precondition ${String(tag)} failed.`);
};

const alteredEtag: NonNullable<Behaviour['transformResponse']> = (response) => {
  const { etag } = response.headers;
  return etag === undefined
    ? response
    : { ...response, headers: { ...response.headers, etag: etag.replace(/"$/, '-gzip"') } };
};

/** Number of requests in one window, and its length in milliseconds. */
const requestsPerWindow = 10;
const windowMs = 2000;

/** The fields of draft-ietf-httpapi-ratelimit-headers-07: `RateLimit-Reset` is in seconds from now. */
function rateLimitFields(): Behaviour {
  let windowStart = Number.NEGATIVE_INFINITY;
  let requests = 0;
  return {
    intercept({ http }, app) {
      if (http.inBulk === true) return undefined;
      if (app.now() >= windowStart + windowMs) {
        windowStart = app.now();
        requests = 0;
      }
      requests += 1;
      if (requests > requestsPerWindow) throw new ScimError(429, 'Too many requests.');
      return undefined;
    },
    transformResponse(response, { http }, app): Response {
      if (http.inBulk === true) return response;
      const fields = {
        'ratelimit-limit': String(requestsPerWindow),
        'ratelimit-remaining': String(Math.max(0, requestsPerWindow - requests)),
        'ratelimit-reset': String(Math.max(0, Math.ceil((windowStart + windowMs - app.now()) / 1000))),
      };
      return { ...response, headers: { ...response.headers, ...fields } };
    },
  };
}

const historyBytes = 28_000_000;
let history: string | undefined;

/** Created at the first use only: no other sandbox needs the memory. */
function largeMember(): NonNullable<Response['unlogged']> {
  history ??= 'x'.repeat(historyBytes);
  return { history };
}
