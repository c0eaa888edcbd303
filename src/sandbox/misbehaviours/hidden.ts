import { errorResponse } from '../http/response.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import { requestedActive, isPatch, memberChanges, operationsOf } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, type Resource } from '../resources/resource.ts';
import { update, notFound, withoutMember } from '../resources/resources.ts';
import { ScimError } from '../http/scim-error.ts';
import { upsert } from '../behaviours/upsert.ts';
import { isUpdate, isSuccess } from './messages.ts';

/** Seeded users are invisible, and their userNames are reserved. */
export function hiddenAccounts(): Behaviour {
  const seededNames = new Set<string>();
  const isSeeded = (account: Resource | undefined): boolean =>
    seededNames.has(textOf(account?.['userName']).toLowerCase());
  return {
    transformStored(attributes, { resourceType, request }) {
      if (resourceType === 'User' && request === undefined)
        seededNames.add(textOf(attributes['userName']).toLowerCase());
      return attributes;
    },
    visibleAs: (resource, resourceType) => (resourceType === 'User' && isSeeded(resource) ? undefined : resource),
    intercept({ resourceType, id }, app) {
      if (resourceType === 'User' && id !== undefined && isSeeded(app.store.get('User', id)))
        throw notFound('User', id);
      return undefined;
    },
  };
}

/** A user whose update was refused is hidden and removed from its groups until an update succeeds. */
export function rejectedAccounts(): Behaviour {
  const rejectedIds = new Set<string>();
  const merge = upsert(({ id }) => rejectedIds.has(id));
  return {
    ...merge,
    visibleAs: (resource, resourceType) =>
      resourceType === 'User' && rejectedIds.has(resource.id) ? undefined : resource,
    transformResponse(original, request, app) {
      const response = merge.transformResponse?.(original, request, app) ?? original;
      const { resourceType, id } = request;
      if (resourceType !== 'User' || id === undefined || !isUpdate(request)) return response;
      if (isSuccess(response)) rejectedIds.delete(id);
      else if (response.status === 400 && app.store.get('User', id) !== undefined && !rejectedIds.has(id)) {
        rejectedIds.add(id);
        for (const group of [...app.store.groupsOf(id)]) update(app, 'Group', group, withoutMember(group, id));
      }
      return response;
    },
  };
}

/** The first PATCH that adds a restored user to a group returns 404; the second one works. */
export function unknownToGroups(): Behaviour {
  const removedNames = new Set<string>();
  const unknownIds = new Set<string>();
  const userNameOf = (id: string | undefined, app: Application): string =>
    textOf(id === undefined ? undefined : app.store.get('User', id)?.['userName']).toLowerCase();
  const isRemoval = (request: ScimRequest): boolean =>
    request.http.method === 'DELETE' || (isUpdate(request) && requestedActive(request) === false);
  return {
    intercept(request, app) {
      if (request.resourceType === 'User' && request.id !== undefined && isRemoval(request))
        removedNames.add(userNameOf(request.id, app));
      if (request.resourceType !== 'Group' || !isPatch(request)) return undefined;
      const rejectedIds = memberChanges(operationsOf(request.body)).add.filter((id) => unknownIds.has(id));
      for (const id of rejectedIds) unknownIds.delete(id);
      return rejectedIds.length === 0 ? undefined : errorResponse(new ScimError(404, 'User not found'));
    },
    transformResponse(response, request, app) {
      const isReturning =
        request.resourceType === 'User' &&
        isSuccess(response) &&
        (request.http.method === 'POST' || (isUpdate(request) && requestedActive(request) === true));
      const id = request.id ?? textOf(response.body?.['id']);
      const name = userNameOf(id, app);
      if (isReturning && removedNames.delete(name)) unknownIds.add(id);
      return response;
    },
  };
}
