import { errorResponse, jsonResponse } from '../http/response.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { listResponse } from '../endpoints/list.ts';
import { locateAttribute } from '../schema/attribute-location.ts';
import type { Json } from '../../model/resource.ts';
import { coreUserSchema } from '../../model/path.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, textOf, type Complex } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { isUnfilteredList, isListRequest, filterOf, withQuery } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Filters. */
export const filters: readonly Misbehaviour[] = [
  {
    number: 1,
    title: 'filters of users are ignored: the response is the first page of all users',
    create: () => ({
      transformRequest: (request) => (request.resourceType === 'User' ? withoutFilter(request) : request),
    }),
  },
  {
    number: 2,
    title: 'filters of groups are ignored: the response is the first page of all groups',
    create: () => ({
      transformRequest: (request) => (request.resourceType === 'Group' ? withoutFilter(request) : request),
    }),
  },
  {
    number: 3,
    title: 'a filter with "and", or on an unknown attribute, returns an empty list',
    create: () => ({ intercept: emptyForUnknownAttribute }),
  },
  {
    number: 4,
    title: 'a filter searches userName or displayName, whichever attribute it names',
    create: () => ({ transformRequest: filterByNameOnly }),
  },
  {
    number: 5,
    title: 'only filters of exactly the form userName eq "x" are supported',
    create: () => ({ intercept: rejectOtherSpellings }),
  },
  { number: 6, title: 'a filter without match returns 404', create: () => ({ transformResponse: notFoundWhereEmpty }) },
  {
    number: 7,
    title: 'the first row of a list appears twice, and e-mail addresses are plain strings',
    create: () => ({
      orderList: (resources) => resources.flatMap((resource, at) => (at === 0 ? [resource, resource] : [resource])),
      transformResource: plainEmails,
    }),
  },
  {
    number: 8,
    title: 'userName is stored in lower case',
    create: () => ({
      transformStored: (attributes, { resourceType }) =>
        resourceType === 'User'
          ? { ...attributes, userName: textOf(attributes['userName']).toLowerCase() }
          : attributes,
    }),
  },
  {
    number: 9,
    title: 'spaces around = in the query, and + for a space, are refused',
    create: () => ({ intercept: rejectBlanks }),
  },
  {
    number: 10,
    title: 'a listing of users without a filter returns one synthetic user',
    create: () => ({
      intercept: (request) =>
        request.resourceType === 'User' && isUnfilteredList(request)
          ? jsonResponse(200, listResponse([syntheticUser], 1, 1))
          : undefined,
    }),
  },
  {
    number: 11,
    title: 'a filter with more than 200 comparisons or 1,000 characters is refused',
    create: () => ({ intercept: rejectLongFilters }),
  },
];

const withoutFilter = (request: ScimRequest): ScimRequest =>
  isListRequest(request) ? withQuery(request, { filter: undefined }) : request;

const emptyForUnknownAttribute: NonNullable<Behaviour['intercept']> = (request, app) => {
  const filter = filterOf(request);
  if (filter === undefined || request.resourceType === undefined) return undefined;
  const name = /^\s*\(*\s*([^\s[]+)/.exec(filter)?.[1] ?? '';
  const isKnown = locateAttribute(app.typeDefinitions[request.resourceType], name) !== undefined;
  return isKnown && !/ and /i.test(filter) ? undefined : jsonResponse(200, listResponse([], 0, 1));
};

const filterByNameOnly: NonNullable<Behaviour['transformRequest']> = (request) => {
  const value = / eq (.*)$/is.exec(filterOf(request) ?? '')?.[1];
  return value === undefined
    ? request
    : withQuery(request, { filter: `${request.resourceType === 'Group' ? 'displayName' : 'userName'} eq ${value}` });
};

const rejectOtherSpellings: NonNullable<Behaviour['intercept']> = (request) => {
  const filter = filterOf(request);
  if (filter !== undefined && !/^(userName|displayName|externalId|id) eq "(?:[^"\\]|\\.)*"$/.test(filter))
    throw badRequest('invalidFilter', 'The filter is not supported.');
  return undefined;
};

const notFoundWhereEmpty: NonNullable<Behaviour['transformResponse']> = (response, request) => {
  const rows = response.body?.['Resources'];
  return filterOf(request) !== undefined && Array.isArray(rows) && rows.length === 0
    ? errorResponse(new ScimError(404, 'Resource not found.'))
    : response;
};

const plainEmails: NonNullable<Behaviour['transformResource']> = (resource) => {
  const { emails } = resource;
  return Array.isArray(emails)
    ? {
        ...resource,
        emails: (emails as readonly Json[]).map((email) => (isComplex(email) ? (email['value'] ?? '') : email)),
      }
    : resource;
};

const rejectBlanks: NonNullable<Behaviour['intercept']> = ({ http: { rawQuery } }) => {
  if (/(\s|%20|\+)=|=(\s|%20|\+)|\+/.test(rawQuery))
    throw badRequest('invalidSyntax', 'The query must not have spaces around =, and must encode a space as %20.');
  return undefined;
};

const syntheticUser: Complex = {
  schemas: [coreUserSchema],
  id: '1',
  userName: 'synthesis_user',
  active: false,
  meta: { resourceType: 'User' },
};

const rejectLongFilters: NonNullable<Behaviour['intercept']> = (request) => {
  const filter = filterOf(request) ?? '';
  const comparisons = filter.split(/ (?:and|or) /i).length;
  if (filter.length > 1000 || comparisons > 200)
    throw badRequest(
      'invalidFilter',
      `The filter is too long: ${filter.length} characters, ${comparisons} comparisons.`,
    );
  return undefined;
};
