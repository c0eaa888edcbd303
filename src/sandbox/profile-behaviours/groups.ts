import type { Profile } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { isPatch, isFullWrite, memberChanges, membersIn, operationsOf } from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, withMember, type Complex } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';

/** Whether there are groups, who makes them, and whether their names change: `groups`, `groupsReadOnly`, `groupNameImmutable`. */
export function groupPolicy({ supports }: Profile): Behaviour {
  return {
    intercept({ resourceType, endpointType, http }) {
      if (resourceType !== 'Group') return undefined;
      if (!supports.groups)
        throw new ScimError(404, `There is nothing at ${http.path}: this application has no groups.`);
      const createsOrDeletes = (endpointType === 'collection' && http.method === 'POST') || http.method === 'DELETE';
      if (supports.groupsReadOnly && createsOrDeletes)
        throw new ScimError(403, 'Groups are made and deleted by administrators of this application.');
      return undefined;
    },
    transformStored(attributes, { resourceType, before }) {
      const isRenamed =
        resourceType === 'Group' && before !== undefined && attributes['displayName'] !== before['displayName'];
      if (isRenamed && (supports.groupsReadOnly || supports.groupNameImmutable))
        throw badRequest('mutability', 'displayName of a group cannot be changed here.');
      return attributes;
    },
  };
}

/**
 * How many memberships a request may change, and a group may have: `membersPerRequest`, `removalsPerRequest`, `addAndRemoveTogether`,
 * `membersPerGroup`, `maxPatchableGroupSize`.
 */
export function memberLimits({ limits }: Profile): Behaviour {
  const removals = limits.removalsPerRequest ?? limits.membersPerRequest;
  return {
    intercept(request) {
      const { add, remove } = changesOf(request);
      if (add.length + remove.length > limits.membersPerRequest)
        throw badRequest(
          'invalidValue',
          `A request may change ${limits.membersPerRequest} memberships, not ${add.length + remove.length}.`,
        );
      if (remove.length > removals)
        throw badRequest('invalidValue', `A request may end ${removals} memberships, not ${remove.length}.`);
      if (!limits.addAndRemoveTogether && add.length > 0 && remove.length > 0)
        throw badRequest('invalidValue', 'A request may add members or remove them, not both.');
      return undefined;
    },
    transformStored(attributes, { resourceType }) {
      const size = resourceType === 'Group' && Array.isArray(attributes['members']) ? attributes['members'].length : 0;
      if (limits.membersPerGroup !== null && size > limits.membersPerGroup)
        throw badRequest('invalidValue', `A group may have ${limits.membersPerGroup} members.`);
      return attributes;
    },
  };
}

function changesOf(request: ScimRequest): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  if (request.resourceType !== 'Group') return { add: [], remove: [] };
  if (isPatch(request)) return memberChanges(operationsOf(request.body));
  // A group that is written whole, by PUT, names every member each time, so that the limit of changes cannot mean it.
  if (request.http.method !== 'POST' || !isFullWrite(request)) return { add: [], remove: [] };
  return {
    add: [...new Set(idsOf({ members: (getIgnoringCase(request.body, 'members') ?? []) as Complex[] }))],
    remove: [],
  };
}

const idsOf = (group: Complex | undefined): readonly string[] =>
  membersIn(group?.['members']).map(({ value }) => textOf(value));

/** A PATCH of a group with more members than this reads so many of them, and loses the others. */
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

/** A group that is read does not show its members, or shows them only to who asks: `returnsMembers`, `groupReadQuery`. */
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
