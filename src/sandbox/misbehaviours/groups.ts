import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import {
  isMembersOperation,
  isPatch,
  isFullWrite,
  memberChanges,
  membersIn,
  operationsOf,
  withOperations,
  type PatchOperation,
} from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, textOf, withMember } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { truncateMembersOnPatch } from '../profile-behaviours/groups.ts';
import { asGet, isListRequest, htmlResponse, omit } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Groups and memberships. */
export const groups: readonly Misbehaviour[] = [
  {
    number: 62,
    title: 'unknown members are ignored without an error',
    create: () => ({ options: { unknownMembers: 'drop' } }),
  },
  {
    number: 63,
    title: 'one unknown member fails the complete request',
    create: () => ({ options: { unknownMembers: 'refuse' } }),
  },
  {
    number: 64,
    title: 'a listing returns no members, and a read of a group the first 100',
    create: () => ({ transformResource: truncateMembers }),
  },
  {
    number: 65,
    title: 'a PATCH of a group with more than 100 members removes the members after the 100th',
    create: () => truncateMembersOnPatch(100),
  },
  {
    number: 66,
    title: 'removal of all members is refused; replacement of members returns 2xx and is ignored',
    create: () => ({ transformRequest: ignoreReplacement }),
  },
  {
    number: 67,
    title: 'more than 20 members in one request: 413 with an HTML page',
    create: () => ({
      intercept: (request) =>
        memberCount(request) > 20 ? htmlResponse(413, '413 Request Entity Too Large') : undefined,
    }),
  },
  {
    number: 68,
    title: 'add of an existing member returns 409',
    create: () => ({ intercept: rejectExistingMembers(409) }),
  },
  {
    number: 69,
    title: 'POST of a group with members is refused, and members in a PUT are ignored',
    refuses: ['POST'],
    create: () => ({ transformRequest: rejectMembersInFullWrites }),
  },
  { number: 70, title: 'the old displayName of a group stays reserved after a rename: 409', create: reservedNames },
  {
    number: 71,
    title: 'every change sends all members, until the request times out',
    cannot: 'it is a misbehaviour of clients; the request log shows whether a client sends changes only',
  },
];

const truncateMembers: NonNullable<Behaviour['transformResource']> = (resource, resourceType, request) => {
  const { members } = resource;
  if (resourceType !== 'Group' || !Array.isArray(members)) return resource;
  return isListRequest(request) ? omit(resource, 'members') : { ...resource, members: members.slice(0, 100) };
};

function ignoreReplacement(request: ScimRequest): ScimRequest {
  if (request.resourceType !== 'Group' || !isPatch(request)) return request;
  const operations = operationsOf(request.body);
  const removesAll = ({ op, path, value }: PatchOperation): boolean =>
    op.toLowerCase() === 'remove' && path?.trim().toLowerCase() === 'members' && value === undefined;
  if (operations.some(removesAll))
    throw badRequest('invalidValue', 'All members of a group cannot be removed in one operation.');
  const accepted = operations.filter(
    (operation) => !(operation.op.toLowerCase() === 'replace' && isMembersOperation(operation)),
  );
  return accepted.length === operations.length
    ? request
    : accepted.length === 0
      ? asGet(request)
      : withOperations(request, accepted);
}

function memberCount(request: ScimRequest): number {
  if (request.resourceType !== 'Group') return 0;
  if (isFullWrite(request)) return membersIn(getIgnoringCase(request.body, 'members') as Json | undefined).length;
  const { add, remove } = isPatch(request) ? memberChanges(operationsOf(request.body)) : { add: [], remove: [] };
  return add.length + remove.length;
}

const rejectMembersInFullWrites: NonNullable<Behaviour['transformRequest']> = (request, app) => {
  if (
    request.resourceType !== 'Group' ||
    !isFullWrite(request) ||
    !isComplex(request.body) ||
    membersIn(getIgnoringCase(request.body, 'members') as Json | undefined).length === 0
  )
    return request;
  if (request.http.method === 'POST') throw badRequest('invalidValue', 'A group must be created without members.');
  const before = request.id === undefined ? undefined : app.store.get('Group', request.id);
  return { ...request, body: withMember(omit(request.body, 'members'), 'members', before?.['members']) };
};

function reservedNames(): Behaviour {
  const reserved = new Map<string, string>();
  return {
    transformStored(attributes, { resourceType, before, request }) {
      if (resourceType !== 'Group') return attributes;
      const name = textOf(attributes['displayName']).toLowerCase();
      const owner = reserved.get(name);
      if (owner !== undefined && owner !== request?.id)
        throw new ScimError(409, 'Another group already exists with this ID.', 'uniqueness');
      const old = textOf(before?.['displayName']).toLowerCase();
      if (request?.id !== undefined && before !== undefined && old !== name) reserved.set(old, request.id);
      return attributes;
    },
    handleDelete(resourceType, resource) {
      for (const [name, id] of reserved) if (resourceType === 'Group' && id === resource.id) reserved.delete(name);
      return false;
    },
  };
}

/** Refuses a PATCH that adds an existing member. */
export function rejectExistingMembers(status: number): NonNullable<Behaviour['intercept']> {
  return (request, app) => {
    if (request.resourceType !== 'Group' || request.id === undefined || !isPatch(request)) return undefined;
    const members = new Set(
      membersIn(app.store.get('Group', request.id)?.['members']).map(({ value }) => textOf(value)),
    );
    const existing = memberChanges(operationsOf(request.body)).add.find((id) => members.has(id));
    if (existing !== undefined) throw new ScimError(status, `${existing} is already a member.`);
    return undefined;
  };
}
