import { createHash } from 'node:crypto';
import type { Response } from '../http/response.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf } from '../resources/resource.ts';
import { update, attributesOf, notFound } from '../resources/resources.ts';
import { badRequest } from '../http/scim-error.ts';
import { isUnfilteredList, isListRequest, withBody, withList, withQuery, omit } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Listings and paging. */
export const lists: readonly Misbehaviour[] = [
  {
    number: 12,
    title: 'totalResults is the number of rows on the page',
    create: () => ({
      transformResponse: (response, request) =>
        withList(response, request, (body, rows) => ({ ...body, totalResults: rows.length })),
    }),
  },
  {
    number: 13,
    title: 'totalResults is a string, and missing from the second page on',
    create: () => ({
      transformResponse: (response, request) =>
        withList(response, request, (body) =>
          isFirstPage(request)
            ? { ...body, totalResults: JSON.stringify(body['totalResults'] ?? 0) }
            : omit(body, 'totalResults'),
        ),
    }),
  },
  {
    number: 14,
    title: 'an empty page before totalResults is reached',
    create: () => ({ transformResponse: emptyPageTooEarly }),
  },
  {
    number: 15,
    title: 'Resources is a string; without a filter it is a string, null or missing in turn',
    create: malformedResources,
  },
  {
    number: 16,
    title: 'itemsPerPage is missing in listings of users, and 0 in listings of groups',
    create: () => ({
      transformResponse: (response, request) =>
        withList(response, request, (body) =>
          request.resourceType === 'User' ? omit(body, 'itemsPerPage') : { ...body, itemsPerPage: 0 },
        ),
    }),
  },
  {
    number: 17,
    title: 'startIndex is ignored: every request returns the first page',
    create: () => ({
      transformRequest: (request) => (isListRequest(request) ? withQuery(request, { startIndex: undefined }) : request),
    }),
  },
  { number: 18, title: 'paging by cursor without totalResults; the first cursor expires', create: expiringCursors },
  { number: 19, title: 'no paging: a listing returns all rows', create: () => ({ options: { listing: 'single' } }) },
  {
    number: 20,
    title: 'count above 500 is refused; the default page size is 10',
    create: () => ({ options: { defaultPageSize: 10, maxPageSize: 500 }, intercept: rejectLargePages }),
  },
  { number: 21, title: 'the order of rows changes with every request', create: unstableOrder },
  { number: 22, title: 'deleted users stay in listings, inactive and with another userName', create: retainDeleted },
  {
    number: 23,
    title: 'envelope keys are in lower case: resources, operations',
    create: () => ({ transformResponse: lowerCaseEnvelope }),
  },
  {
    number: 24,
    title: 'attributes and excludedAttributes are ignored',
    create: () => ({
      transformRequest: (request) => withQuery(request, { attributes: undefined, excludedAttributes: undefined }),
    }),
  },
];

const isFirstPage = ({ http: { query } }: ScimRequest): boolean =>
  Number(query.get('startIndex') ?? '1') <= 1 && (query.get('cursor') ?? '') === '';

const emptyPageTooEarly: NonNullable<Behaviour['transformResponse']> = (response, request) => {
  if (!isUnfilteredList(request)) return response;
  return withList(response, request, (body, rows) => {
    const remaining = isFirstPage(request) ? rows.slice(0, Math.floor(rows.length / 2)) : [];
    return { ...body, itemsPerPage: remaining.length, Resources: remaining };
  });
};

function malformedResources(): Behaviour {
  let requestCount = 0;
  return {
    transformResponse(response, request) {
      return withList(response, request, (body) => {
        if (!isUnfilteredList(request)) return { ...body, Resources: 'nope' };
        requestCount += 1;
        return requestCount % 3 === 1
          ? { ...body, Resources: 'nope' }
          : requestCount % 3 === 2
            ? { ...body, Resources: null }
            : omit(body, 'Resources');
      });
    },
  };
}

function expiringCursors(): Behaviour {
  let hasExpired = false;
  return {
    options: { listing: 'cursor' },
    intercept({ http: { query } }) {
      if ((query.get('cursor') ?? '') === '' || hasExpired) return undefined;
      hasExpired = true;
      throw badRequest('expiredCursor', 'The cursor has expired. Begin with the first page.');
    },
    transformResponse: (response, request) => withList(response, request, (body) => omit(body, 'totalResults')),
  };
}

const rejectLargePages: NonNullable<Behaviour['intercept']> = ({ http: { query } }) => {
  if (Number(query.get('count') ?? '0') > 500) throw badRequest('invalidValue', 'count must be at most 500.');
  return undefined;
};

/** Rotates the rows by one more at each request, so that consecutive pages repeat some rows and omit others. */
function unstableOrder(): Behaviour {
  let requestCount = 0;
  return {
    orderList(resources) {
      if (resources.length < 2) return resources;
      const at = requestCount % resources.length;
      requestCount += 1;
      return [...resources.slice(at), ...resources.slice(0, at)];
    },
  };
}

function retainDeleted(): Behaviour {
  const deletedIds = new Set<string>();
  return {
    intercept({ resourceType, id }) {
      if (resourceType === 'User' && id !== undefined && deletedIds.has(id)) throw notFound('User', id);
      return undefined;
    },
    handleDelete(resourceType, resource, app) {
      if (resourceType !== 'User') return false;
      const userName = createHash('sha256')
        .update(`${resource.id} ${textOf(resource['userName'])}`)
        .digest('hex')
        .slice(0, 20);
      update(app, 'User', resource, {
        ...omit(attributesOf(resource), 'externalId', 'emails', 'name', 'displayName', 'nickName'),
        userName,
        active: false,
      });
      deletedIds.add(resource.id);
      return true;
    },
  };
}

const lowerCaseEnvelope = (response: Response): Response =>
  withBody(response, (body) =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name === 'Resources' || name === 'Operations' ? name.toLowerCase() : name,
        value,
      ]),
    ),
  );
