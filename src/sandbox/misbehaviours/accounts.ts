import { randomUUID } from 'node:crypto';
import type { Instant } from '../../model/ids.ts';
import { errorResponse } from '../http/response.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import { requestedActive, isPatch, membersIn, changesOnlyActive } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, type Resource } from '../resources/resource.ts';
import { notFound, remove } from '../resources/resources.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { upsert } from '../behaviours/upsert.ts';
import { deactivate, anonymised } from '../profile-behaviours/accounts.ts';
import { emptyResponse, isUpdate, isWrite, isSuccess } from './messages.ts';
import { hiddenAccounts, rejectedAccounts, unknownToGroups } from './hidden.ts';
import { changedIds } from './identity.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Identity and life cycle of users. */
export const accounts: readonly Misbehaviour[] = [
  {
    number: 46,
    title: 'ids contain "|", which paths must percent-encode',
    create: () => ({
      assignId: () => `saml|con_1|${randomUUID()}`,
      intercept: ({ http }) => (http.path.includes('|') ? errorResponse(new ScimError(404, 'Not found.')) : undefined),
    }),
  },
  {
    number: 47,
    title: 'the id of a new user is its externalId; existing users get new ids',
    create: changedIds,
  },
  {
    number: 48,
    title: 'GET and PATCH of an inactive user return 404',
    refuses: ['PATCH'],
    create: () => ({ intercept: notFoundWhenInactive }),
  },
  {
    number: 49,
    title: 'an inactive user is returned with another userName, and is not in its groups',
    create: () => ({ visibleAs: anonymiseInactive }),
  },
  {
    number: 50,
    title: 'DELETE is final: a new user with the same userName has another id and no memberships',
    create: () => ({ options: { deletionEndsMemberships: true } }),
  },
  {
    number: 51,
    title: 'DELETE of a user deactivates it',
    create: () => ({ handleDelete: deactivateInstead }),
  },
  {
    number: 52,
    title: 'deactivation of a user deletes it, like a pending invitation',
    create: () => ({
      transformResponse: (response, request, app) =>
        isDeactivation(request) && isSuccess(response) && request.id !== undefined
          ? (remove(app, 'User', request.id), response)
          : response,
    }),
  },
  {
    number: 53,
    title: 'reactivation by PATCH is refused with 400',
    refuses: ['PATCH'],
    create: () => ({ intercept: rejectReactivation }),
  },
  {
    number: 54,
    title: 'updates of an inactive user are refused until it is active',
    refuses: ['PATCH', 'PUT'],
    create: () => ({ intercept: rejectChangeOfInactive }),
  },
  {
    number: 55,
    title: 'POST with active false is refused with 400 and an empty body',
    refuses: ['POST'],
    create: () => ({
      intercept: (request) =>
        request.endpointType === 'collection' &&
        request.resourceType === 'User' &&
        request.http.method === 'POST' &&
        requestedActive(request) === false
          ? emptyResponse(400)
          : undefined,
    }),
  },
  {
    number: 56,
    title: 'POST of an existing user updates it and returns 201 with its id',
    create: () => upsert(() => true),
  },
  {
    number: 57,
    title: 'seeded users are invisible to reads and filters, and a create with their userName returns 409',
    create: hiddenAccounts,
  },
  {
    number: 58,
    title: 'a conflict is reported as 429 for users and as 400 for groups, without scimType',
    create: () => ({
      transformResponse: (response, request) =>
        request.http.method === 'POST' && response.status === 409
          ? errorResponse(
              new ScimError(
                request.resourceType === 'User' ? 429 : 400,
                `${request.resourceType ?? 'Resource'} Already Exists`,
              ),
            )
          : response,
    }),
  },
  {
    number: 59,
    title:
      'a user whose update was refused is hidden and removed from its groups until an update succeeds; POST updates it',
    create: rejectedAccounts,
  },
  {
    number: 60,
    title: 'a restored or reactivated user is unknown to the first PATCH that adds it to a group: 404',
    create: unknownToGroups,
  },
  {
    number: 61,
    title:
      'users with the role owner or admin are invisible; writes to owners return 404, writes to admins are ignored',
    refuses: ['PATCH', 'PUT', 'DELETE'],
    create: () => ({ visibleAs: hidePrivileged, intercept: protectPrivileged }),
  },
  { number: 84, title: 'a create returns 202, and the resource is visible after two seconds', create: delayedCreates },
];

const accountOf = ({ resourceType, id }: ScimRequest, app: Application): Resource | undefined =>
  resourceType === 'User' && id !== undefined ? app.store.get('User', id) : undefined;

const isInactive = (account: Resource | undefined): account is Resource => account?.['active'] === false;

const isDeactivation = (request: ScimRequest): boolean =>
  request.resourceType === 'User' && isUpdate(request) && requestedActive(request) === false;

const notFoundWhenInactive: NonNullable<Behaviour['intercept']> = (request, app) => {
  const account = accountOf(request, app);
  if (isInactive(account) && ['GET', 'PATCH'].includes(request.http.method)) throw notFound('User', account.id);
  return undefined;
};

const anonymiseInactive: NonNullable<Behaviour['visibleAs']> = (resource, resourceType, _request, app) => {
  if (resourceType === 'User') return resource['active'] === false ? anonymised(resource) : resource;
  const members = membersIn(resource['members']);
  const activeMembers = members.filter(({ value }) => app.store.get('User', textOf(value))?.['active'] !== false);
  return activeMembers.length === members.length
    ? resource
    : { ...resource, id: resource.id, schemas: resource.schemas, meta: resource.meta, members: activeMembers };
};

const deactivateInstead: NonNullable<Behaviour['handleDelete']> = (resourceType, resource, app) => {
  if (resourceType === 'User') deactivate(resource, app);
  return resourceType === 'User';
};

const rejectReactivation: NonNullable<Behaviour['intercept']> = (request, app) => {
  if (isPatch(request) && isInactive(accountOf(request, app)) && requestedActive(request) === true)
    throw badRequest('invalidValue', '[invalid]patch: the user is not active.');
  return undefined;
};

const rejectChangeOfInactive: NonNullable<Behaviour['intercept']> = (request, app) => {
  if (
    isUpdate(request) &&
    isInactive(accountOf(request, app)) &&
    requestedActive(request) !== true &&
    !changesOnlyActive(request)
  )
    throw badRequest('mutability', 'An inactive user cannot be changed.');
  return undefined;
};

const hasRole = (account: Resource | undefined, role: string): boolean =>
  membersIn(account?.['roles']).some(({ value }) => value === role);

const hidePrivileged: NonNullable<Behaviour['visibleAs']> = (resource, resourceType) =>
  resourceType === 'User' && (hasRole(resource, 'owner') || hasRole(resource, 'admin')) ? undefined : resource;

const protectPrivileged: NonNullable<Behaviour['intercept']> = (request, app) => {
  const account = accountOf(request, app);
  if (account === undefined || !isWrite(request)) return undefined;
  if (hasRole(account, 'owner')) throw notFound('User', account.id);
  return hasRole(account, 'admin') ? emptyResponse(204) : undefined;
};

const visibilityDelayMs = 2000;

function delayedCreates(): Behaviour {
  const createdAt = new Map<string, Instant>();
  return {
    visibleAs: (resource, _resourceType, _request, app) =>
      app.now() < (createdAt.get(resource.id) ?? 0) + visibilityDelayMs ? undefined : resource,
    transformResponse(response, { endpointType, http }, app) {
      if (endpointType !== 'collection' || http.method !== 'POST' || response.status !== 201) return response;
      createdAt.set(textOf(response.body?.['id']), app.now());
      const { location } = response.headers;
      return { status: 202, headers: location === undefined ? {} : { location } };
    },
  };
}
