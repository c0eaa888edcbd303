import type { Json } from '../../model/resource.ts';
import { errorResponse, jsonResponse, type Response } from '../http/response.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { isPatch, operationsOf } from '../behaviours/patch-operations.ts';
import { limitPerWindow } from '../http/rate-limit.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, type Complex } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { filterOf, htmlResponse, isWrite, mapObjects, isSuccess, withBody } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Authentication, rate limits, proxies, envelopes and discovery. */
export const transport: readonly Misbehaviour[] = [
  {
    number: 72,
    title: 'every request returns 200 and {}, as for a wrong tenant',
    create: () => ({ intercept: () => jsonResponse(200, {}) }),
  },
  {
    number: 73,
    title: 'an unknown id returns 401',
    create: () => ({
      transformResponse: (response, { endpointType }) =>
        endpointType === 'resource' && response.status === 404
          ? errorResponse(new ScimError(401, 'Unauthorized'))
          : response,
    }),
  },
  {
    number: 74,
    title: 'PATCH of users returns 403, because the token lacks a scope',
    refuses: ['PATCH'],
    create: () => ({ intercept: rejectPatchOfUsers }),
  },
  {
    number: 75,
    title:
      'every fifth request returns 429, in turn with Retry-After in seconds, as a date, X-Rate-Limit headers, or none',
    create: varyingRetryAfter,
  },
  { number: 76, title: 'at most five PATCH requests above 500 bytes in 30 seconds', create: largePatchLimit },
  {
    number: 77,
    title: 'HTML pages: 413 for a large body, 502 for a write with "<", 200 with a sign-in page for an unknown path',
    create: () => ({
      intercept: htmlPages,
      transformResponse: (response) =>
        response.status === 413 ? htmlResponse(413, '413 Request Entity Too Large') : response,
    }),
  },
  { number: 78, title: 'requests without a User-Agent return 403', create: () => ({ intercept: requireUserAgent }) },
  {
    number: 79,
    title: 'ServiceProviderConfig violates its schema: bulk without limits, strings for booleans',
    create: () => ({ transformResponse: brokenDiscovery }),
  },
  {
    number: 80,
    title: 'Content-Type is text/json, and text/html for errors',
    create: () => ({
      transformResponse: (response) =>
        response.body === undefined
          ? response
          : {
              ...response,
              headers: { ...response.headers, 'content-type': isSuccess(response) ? 'text/json' : 'text/html' },
            },
    }),
  },
  {
    number: 81,
    title: 'errors are in "errors", with a numeric status, and the reason in an extension',
    create: () => ({ transformResponse: wrappedErrors }),
  },
  {
    number: 82,
    title: 'a token expires after 20 requests; POST /oauth2/token issues a new one',
    create: expiringTokens,
  },
  {
    number: 83,
    title: 'meta.location has an internal host, and $ref is relative',
    create: () => ({
      transformResource: internalLinks,
      transformResponse: (response) =>
        'location' in response.headers
          ? {
              ...response,
              headers: { ...response.headers, location: toInternalHost(response.headers['location'] ?? '') },
            }
          : response,
    }),
  },
  {
    number: 85,
    title: 'discovery overstates: no bulk, filters support userName and displayName, PATCH of a group refuses replace',
    create: () => ({
      options: { bulk: null, patch: true },
      intercept: rejectUnsupported,
      transformResponse: overstatedDiscovery,
    }),
  },
];

const rejectPatchOfUsers: NonNullable<Behaviour['intercept']> = (request) => {
  if (request.resourceType === 'User' && isPatch(request))
    throw new ScimError(403, 'Insufficient scope: the token lacks patch:users.');
  return undefined;
};

function varyingRetryAfter(): Behaviour {
  let requests = 0;
  return {
    intercept(_request, app) {
      requests += 1;
      if (requests % 5 !== 0) return undefined;
      const resetSeconds = Math.ceil((app.now() + 1000) / 1000);
      const headerVariants = [
        { 'retry-after': '1' },
        { 'retry-after': new Date(resetSeconds * 1000).toUTCString() },
        { 'x-rate-limit-limit': '5', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(resetSeconds) },
        {},
      ];
      return errorResponse(
        new ScimError(429, 'Too many requests.', undefined, headerVariants[(requests / 5 - 1) % headerVariants.length]),
      );
    },
  };
}

function largePatchLimit(): Behaviour {
  const limit = limitPerWindow(5, 30_000);
  return {
    intercept(request, app) {
      if (!isPatch(request) || Buffer.byteLength(request.http.text) <= 500) return undefined;
      const wait = limit(app.now());
      if (wait > 0)
        throw new ScimError(429, 'At most five PATCH requests above 500 bytes are allowed in 30 seconds.', undefined, {
          'retry-after': String(Math.ceil(wait / 1000)),
        });
      return undefined;
    },
  };
}

const htmlPages: NonNullable<Behaviour['intercept']> = (request) => {
  if (request.endpointType === 'elsewhere') return htmlResponse(200, 'Sign in');
  return isWrite(request) && request.http.text.includes('<') ? htmlResponse(502, '502 Bad Gateway') : undefined;
};

const requireUserAgent: NonNullable<Behaviour['intercept']> = ({ http: { headers } }) => {
  if (String(headers['user-agent'] ?? '').trim() === '')
    throw new ScimError(403, 'Request forbidden by administrative rules: a User-Agent header is required.');
  return undefined;
};

const isServiceProviderConfig = (response: Response, { endpointType }: ScimRequest): boolean =>
  endpointType === 'discovery' && response.body !== undefined && 'patch' in response.body;

const brokenDiscovery: NonNullable<Behaviour['transformResponse']> = (response, request) => {
  if (!isServiceProviderConfig(response, request)) return response;
  return withBody(response, ({ authenticationSchemes: _schemes, ...body }) => ({
    ...body,
    bulk: { supported: 'false' },
    filter: { supported: 'yes', maxResults: null },
  }));
};

const wrappedErrors: NonNullable<Behaviour['transformResponse']> = (response) => {
  const { status, body } = response;
  if (status < 400 || body === undefined) return response;
  const { detail = '', scimType } = body;
  const error: Complex = {
    status,
    ...(scimType === undefined ? {} : { scimType }),
    'urn:scimsync:rehearsal:schemas:extension:1.0:Error': { reason: detail },
  };
  return {
    ...response,
    body: { schema: body['schemas'] ?? [], schemas: body['schemas'] ?? [], status, errors: [error] },
  };
};

/** Number of requests until a token expires. */
const requestsPerToken = 20;

function expiringTokens(): Behaviour {
  const used = new Map<string, number>();
  return {
    intercept({ http: { headers } }) {
      const token = String(headers['authorization'] ?? '');
      const times = (used.get(token) ?? 0) + 1;
      used.set(token, times);
      if (times > requestsPerToken)
        throw new ScimError(401, 'The access token has expired.', undefined, {
          'www-authenticate': 'Bearer realm="scim", error="invalid_token"',
        });
      return undefined;
    },
  };
}

/** Replaces the host by one that clients cannot reach. */
const toInternalHost = (url: string): string => url.replace(/^https?:\/\/[^/]+/, 'http://scim.internal.invalid:8080');

const internalLinks: NonNullable<Behaviour['transformResource']> = (resource) =>
  mapObjects(resource, (object) => {
    const { location, $ref } = object;
    return {
      ...object,
      ...(location === undefined ? {} : { location: toInternalHost(textOf(location)) }),
      ...($ref === undefined ? {} : { $ref: textOf($ref).replace(/^https?:\/\/[^/]+\/scim\/v2/, '') }),
    };
  }) as Complex;

const rejectUnsupported: NonNullable<Behaviour['intercept']> = (request) => {
  const filter = filterOf(request);
  if (filter !== undefined && !/^\s*(userName|displayName)\s+eq\s+"(?:[^"\\]|\\.)*"\s*$/i.test(filter))
    throw badRequest('invalidFilter', 'This filter is not supported.');
  const replaces =
    request.resourceType === 'Group' &&
    isPatch(request) &&
    operationsOf(request.body).some(({ op }) => op.toLowerCase() === 'replace');
  if (replaces) throw new ScimError(501, 'replace is not supported for groups.');
  return undefined;
};

const overstatedDiscovery: NonNullable<Behaviour['transformResponse']> = (response, request) => {
  if (!isServiceProviderConfig(response, request)) return response;
  const supported: Json = { supported: true };
  return withBody(response, (body) => ({
    ...body,
    patch: supported,
    bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 },
    filter: { supported: true, maxResults: 200 },
  }));
};
