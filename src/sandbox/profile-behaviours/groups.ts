import type { Profile } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { isPatch, isFullWrite, memberChanges, membersIn, operationsOf } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, withMember, type Complex } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';

/** Whether groups exist, are read-only, and can be renamed: `groups`, `groupsReadOnly`, `groupNameImmutable`. */
export function groupPolicy({ supports }: Profile): Behaviour {
  return {
    intercept({ resourceType, endpointType, http }) {
      if (resourceType !== 'Group') return undefined;
      if (!supports.groups)
        throw new ScimError(404, `${http.path} is not an endpoint: this application has no groups.`);
      const createsOrDeletes = (endpointType === 'collection' && http.method === 'POST') || http.method === 'DELETE';
      if (supports.groupsReadOnly && createsOrDeletes)
        throw new ScimError(403, 'Groups are read-only: only administrators create and delete them.');
      return undefined;
    },
    transformStored(attributes, { resourceType, before }) {
      const isRenamed =
        resourceType === 'Group' && before !== undefined && attributes['displayName'] !== before['displayName'];
      if (isRenamed && (supports.groupsReadOnly || supports.groupNameImmutable))
        throw badRequest('mutability', 'displayName of a group is immutable.');
      return attributes;
    },
  };
}

/**
 * Limits of members in a request and in a group: `membersPerRequest`, `removalsPerRequest`, `addAndRemoveTogether`,
 * `membersPerGroup`.
 */
export function memberLimits({ limits }: Profile): Behaviour {
  const removals = limits.removalsPerRequest ?? limits.membersPerRequest;
  return {
    intercept(request) {
      const { add, remove } = changesOf(request);
      if (add.length + remove.length > limits.membersPerRequest)
        throw badRequest(
          'invalidValue',
          `A request may change at most ${limits.membersPerRequest} members, not ${add.length + remove.length}.`,
        );
      if (remove.length > removals)
        throw badRequest('invalidValue', `A request may remove at most ${removals} members, not ${remove.length}.`);
      if (!limits.addAndRemoveTogether && add.length > 0 && remove.length > 0)
        throw badRequest('invalidValue', 'A request may add members or remove them, not both.');
      return undefined;
    },
    transformStored(attributes, { resourceType }) {
      const size = resourceType === 'Group' && Array.isArray(attributes['members']) ? attributes['members'].length : 0;
      if (limits.membersPerGroup !== null && size > limits.membersPerGroup)
        throw badRequest('invalidValue', `A group may have at most ${limits.membersPerGroup} members.`);
      return attributes;
    },
  };
}

function changesOf(request: ScimRequest): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  if (request.resourceType !== 'Group') return { add: [], remove: [] };
  if (isPatch(request)) return memberChanges(operationsOf(request.body));
  // A PUT always names every member: the limit of changes does not apply to it.
  if (request.http.method !== 'POST' || !isFullWrite(request)) return { add: [], remove: [] };
  return {
    add: [...new Set(idsOf({ members: (getIgnoringCase(request.body, 'members') ?? []) as Complex[] }))],
    remove: [],
  };
}

const idsOf = (group: Complex | undefined): readonly string[] =>
  membersIn(group?.['members']).map(({ value }) => textOf(value));

/** A PATCH of a group with more members than the limit removes the members after the limit. */
export function truncateMembersOnPatch(limit: number): Behaviour {
  return {
    transformStored(attributes, { resourceType, before, request }) {
      const members = membersIn(before?.['members']);
      if (resourceType !== 'Group' || request?.http.method !== 'PATCH' || members.length <= limit) return attributes;
      const lost = new Set(members.slice(limit));
      return withMember(
        attributes,
        'members',
        membersIn(attributes['members']).filter((each) => !lost.has(each)),
      );
    },
  };
}

/** Responses contain no members, or only with certain query parameters: `returnsMembers`, `groupReadQuery`. */
export function hideMembers({ protocol: { returnsMembers, groupReadQuery } }: Profile): Behaviour {
  const requiredQuery = Object.entries(groupReadQuery);
  return {
    transformResource(resource, resourceType, { http }) {
      if (
        resourceType !== 'Group' ||
        (returnsMembers && requiredQuery.every(([name, value]) => http.query.get(name) === value))
      )
        return resource;
      return withMember(resource, 'members', undefined);
    },
  };
}
