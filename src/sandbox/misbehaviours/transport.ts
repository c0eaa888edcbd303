import type { Json } from '../../model/resource.ts';
import { errorAnswer, jsonAnswer, type Answer } from '../answer.ts';
import type { Habit } from '../application.ts';
import { isPatch, operationsOf } from '../operations.ts';
import { atMost } from '../pace.ts';
import type { Asked } from '../request.ts';
import { textOf, type Complex } from '../resource.ts';
import { badRequest, ScimError } from '../scim-error.ts';
import { filterOf, html, isWrite, mapObjects, succeeded, withBody } from './answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** What happens on the way: sign-in, pace, proxies, envelopes, discovery. */
export const transport: readonly Misbehaviour[] = [
  {
    number: 72,
    title: '200 and {} to everything, as if the tenant were wrong',
    play: () => ({ judge: () => jsonAnswer(200, {}) }),
  },
  {
    number: 73,
    title: '401 for an id that is not there',
    play: () => ({
      answer: (answer, { on }) =>
        on === 'resource' && answer.status === 404 ? errorAnswer(new ScimError(401, 'Unauthorized')) : answer,
    }),
  },
  {
    number: 74,
    title: '403 to PATCH of users, for which the token has no scope',
    play: () => ({ judge: refusePatchOfUsers }),
  },
  {
    number: 75,
    title:
      '429 to every fifth request; when to come back is said in seconds, as a date, by X-Rate-Limit headers or not, in turn',
    play: varied429,
  },
  { number: 76, title: 'a PATCH above 500 bytes: five in 30 seconds', play: largePatchPace },
  {
    number: 77,
    title:
      'pages in HTML: 413 where a body is too large, 502 where a text holds "<", 200 with a sign-in page where nothing is',
    play: () => ({
      judge: pagesForPeople,
      answer: (answer) => (answer.status === 413 ? html(413, '413 Request Entity Too Large') : answer),
    }),
  },
  { number: 78, title: '403 without a User-Agent', play: () => ({ judge: refuseNameless }) },
  {
    number: 79,
    title: 'ServiceProviderConfig is not what its schema says: Bulk without sizes, texts for booleans',
    play: () => ({ answer: brokenDiscovery }),
  },
  {
    number: 80,
    title: 'the content type is text/json, and text/html for errors',
    play: () => ({
      answer: (answer) =>
        answer.body === undefined
          ? answer
          : {
              ...answer,
              headers: { ...answer.headers, 'content-type': succeeded(answer) ? 'text/json' : 'text/html' },
            },
    }),
  },
  {
    number: 81,
    title: 'errors are wrapped in "errors", with a status that is a number, and the reason in an extension',
    play: () => ({ answer: wrappedErrors }),
  },
  { number: 82, title: 'a token is good for 20 requests; POST /oauth2/token gives another one', play: expiringTokens },
  {
    number: 83,
    title: 'meta.location points to an internal host, and $ref is relative',
    play: () => ({
      show: uselessLinks,
      answer: (answer) =>
        'location' in answer.headers
          ? { ...answer, headers: { ...answer.headers, location: inside(answer.headers['location'] ?? '') } }
          : answer,
    }),
  },
  {
    number: 85,
    title:
      'discovery offers Bulk, filters and PATCH; in truth there is no Bulk, a filter knows userName and displayName alone, and a PATCH of a group has no replace',
    play: () => ({ rules: { bulk: null, patch: true }, judge: lessThanOffered, answer: generousDiscovery }),
  },
];

const refusePatchOfUsers: NonNullable<Habit['judge']> = (asked) => {
  if (asked.kind === 'User' && isPatch(asked))
    throw new ScimError(403, 'Insufficient scope: the token lacks patch:users.');
  return undefined;
};

function varied429(): Habit {
  let requests = 0;
  return {
    judge(_asked, app) {
      requests += 1;
      if (requests % 5 !== 0) return undefined;
      const whole = Math.ceil((app.now() + 1000) / 1000);
      const forms = [
        { 'retry-after': '1' },
        { 'retry-after': new Date(whole * 1000).toUTCString() },
        { 'x-rate-limit-limit': '5', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(whole) },
        {},
      ];
      return errorAnswer(new ScimError(429, 'Too many requests.', undefined, forms[(requests / 5 - 1) % forms.length]));
    },
  };
}

function largePatchPace(): Habit {
  const pace = atMost(5, 30_000);
  return {
    judge(asked, app) {
      if (!isPatch(asked) || Buffer.byteLength(asked.request.text) <= 500) return undefined;
      const wait = pace(app.now());
      if (wait > 0)
        throw new ScimError(429, 'A PATCH above 500 bytes may come five times in 30 seconds.', undefined, {
          'retry-after': String(Math.ceil(wait / 1000)),
        });
      return undefined;
    },
  };
}

const pagesForPeople: NonNullable<Habit['judge']> = (asked) => {
  if (asked.on === 'elsewhere') return html(200, 'Sign in');
  return isWrite(asked) && asked.request.text.includes('<') ? html(502, '502 Bad Gateway') : undefined;
};

const refuseNameless: NonNullable<Habit['judge']> = ({ request: { headers } }) => {
  if (String(headers['user-agent'] ?? '').trim() === '')
    throw new ScimError(403, 'Request forbidden by administrative rules: a User-Agent header is wanted.');
  return undefined;
};

const isConfig = (answer: Answer, { on }: Asked): boolean =>
  on === 'discovery' && answer.body !== undefined && 'patch' in answer.body;

const brokenDiscovery: NonNullable<Habit['answer']> = (answer, asked) => {
  if (!isConfig(answer, asked)) return answer;
  return withBody(answer, ({ authenticationSchemes: _schemes, ...body }) => ({
    ...body,
    bulk: { supported: 'false' },
    filter: { supported: 'yes', maxResults: null },
  }));
};

const wrappedErrors: NonNullable<Habit['answer']> = (answer) => {
  const { status, body } = answer;
  if (status < 400 || body === undefined) return answer;
  const { detail = '', scimType } = body;
  const error: Complex = {
    status,
    ...(scimType === undefined ? {} : { scimType }),
    'urn:scimsync:rehearsal:schemas:extension:1.0:Error': { reason: detail },
  };
  return {
    ...answer,
    body: { schema: body['schemas'] ?? [], schemas: body['schemas'] ?? [], status, errors: [error] },
  };
};

/** Requests that one token is good for. */
const lifetime = 20;

function expiringTokens(): Habit {
  const used = new Map<string, number>();
  return {
    judge({ request: { headers } }) {
      const token = String(headers['authorization'] ?? '');
      const times = (used.get(token) ?? 0) + 1;
      used.set(token, times);
      if (times > lifetime)
        throw new ScimError(401, 'The access token has expired.', undefined, {
          'www-authenticate': 'Bearer realm="scim", error="invalid_token"',
        });
      return undefined;
    },
  };
}

/** Where nobody outside gets to. */
const inside = (url: string): string => url.replace(/^https?:\/\/[^/]+/, 'http://scim.internal.invalid:8080');

const uselessLinks: NonNullable<Habit['show']> = (resource) =>
  mapObjects(resource, (object) => {
    const { location, $ref } = object;
    return {
      ...object,
      ...(location === undefined ? {} : { location: inside(textOf(location)) }),
      ...($ref === undefined ? {} : { $ref: textOf($ref).replace(/^https?:\/\/[^/]+\/scim\/v2/, '') }),
    };
  }) as Complex;

const lessThanOffered: NonNullable<Habit['judge']> = (asked) => {
  const filter = filterOf(asked);
  if (filter !== undefined && !/^\s*(userName|displayName)\s+eq\s+"(?:[^"\\]|\\.)*"\s*$/i.test(filter))
    throw badRequest('invalidFilter', 'This filter is not supported.');
  const replaces =
    asked.kind === 'Group' &&
    isPatch(asked) &&
    operationsOf(asked.message).some(({ op }) => op.toLowerCase() === 'replace');
  if (replaces) throw new ScimError(501, 'replace is not supported for groups.');
  return undefined;
};

const generousDiscovery: NonNullable<Habit['answer']> = (answer, asked) => {
  if (!isConfig(answer, asked)) return answer;
  const supported: Json = { supported: true };
  return withBody(answer, (body) => ({
    ...body,
    patch: supported,
    bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 },
    filter: { supported: true, maxResults: 200 },
  }));
};
