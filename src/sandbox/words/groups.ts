import type { Profile } from '../../model/profile.ts';
import { member } from '../../model/shape.ts';
import type { Habit } from '../application.ts';
import { isPatch, isWhole, memberChanges, membersIn, operationsOf } from '../operations.ts';
import type { Asked } from '../request.ts';
import { textOf, withMember, type Complex } from '../resource.ts';
import { badRequest, ScimError } from '../scim-error.ts';

/** Whether there are groups, who makes them, and whether their names change: `groups`, `givenGroups`, `groupNames`. */
export function groups({ holds }: Profile): Habit {
  return {
    judge({ kind, on, request }) {
      if (kind !== 'Group') return undefined;
      if (!holds.groups)
        throw new ScimError(404, `There is nothing at ${request.path}: this application has no groups.`);
      const makesOrEnds = (on === 'collection' && request.method === 'POST') || request.method === 'DELETE';
      if (holds.givenGroups && makesOrEnds)
        throw new ScimError(403, 'Groups are made and deleted by administrators of this application.');
      return undefined;
    },
    store(attributes, { kind, before }) {
      const isRenamed = kind === 'Group' && before !== undefined && attributes['displayName'] !== before['displayName'];
      if (isRenamed && (holds.givenGroups || holds.groupNames === 'stay'))
        throw badRequest('mutability', 'displayName of a group cannot be changed here.');
      return attributes;
    },
  };
}

/**
 * How many memberships a request may change, and a group may have: `membersPerRequest`, `removalsPerRequest`, `mixesMembers`,
 * `membersPerGroup`, `patchedGroupMembers`.
 */
export function memberLimits({ allows }: Profile): Habit {
  const removals = allows.removalsPerRequest ?? allows.membersPerRequest;
  return {
    judge(asked) {
      const { add, remove } = changesOf(asked);
      if (add.length + remove.length > allows.membersPerRequest)
        throw badRequest(
          'invalidValue',
          `A request may change ${allows.membersPerRequest} memberships, not ${add.length + remove.length}.`,
        );
      if (remove.length > removals)
        throw badRequest('invalidValue', `A request may end ${removals} memberships, not ${remove.length}.`);
      if (!allows.mixesMembers && add.length > 0 && remove.length > 0)
        throw badRequest('invalidValue', 'A request may add members or remove them, not both.');
      return undefined;
    },
    store(attributes, { kind }) {
      const size = kind === 'Group' && Array.isArray(attributes['members']) ? attributes['members'].length : 0;
      if (allows.membersPerGroup !== null && size > allows.membersPerGroup)
        throw badRequest('invalidValue', `A group may have ${allows.membersPerGroup} members.`);
      return attributes;
    },
  };
}

function changesOf(asked: Asked): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  if (asked.kind !== 'Group') return { add: [], remove: [] };
  if (isPatch(asked)) return memberChanges(operationsOf(asked.message));
  // A group that is written whole, by PUT, names every member each time, so that the limit of changes cannot mean it.
  if (asked.request.method !== 'POST' || !isWhole(asked)) return { add: [], remove: [] };
  return { add: [...new Set(idsOf({ members: (member(asked.message, 'members') ?? []) as Complex[] }))], remove: [] };
}

const idsOf = (group: Complex | undefined): readonly string[] =>
  membersIn(group?.['members']).map(({ value }) => textOf(value));

/** A PATCH of a group with more members than this reads so many of them, and loses the others. */
export function losesMembersBeyond(known: number): Habit {
  return {
    store(attributes, { kind, before, asked }) {
      const members = membersIn(before?.['members']);
      if (kind !== 'Group' || asked?.request.method !== 'PATCH' || members.length <= known) return attributes;
      const lost = new Set(members.slice(known));
      return withMember(
        attributes,
        'members',
        membersIn(attributes['members']).filter((each) => !lost.has(each)),
      );
    },
  };
}

/** A group that is read does not show its members, or shows them only to who asks: `readsMembers`, `membersQuery`. */
export function hiddenMembers({ speaks: { readsMembers, membersQuery } }: Profile): Habit {
  const wanted = Object.entries(membersQuery);
  return {
    show(resource, kind, { request }) {
      if (kind !== 'Group' || (readsMembers && wanted.every(([name, value]) => request.query.get(name) === value)))
        return resource;
      return withMember(resource, 'members', undefined);
    },
  };
}
