import type { Json } from '../../model/resource.ts';
import { member } from '../../model/shape.ts';
import type { Habit } from '../application.ts';
import {
  isOfMembers,
  isPatch,
  isWhole,
  memberChanges,
  membersIn,
  operationsOf,
  withOperations,
  type SentOperation,
} from '../operations.ts';
import type { Asked } from '../request.ts';
import { isComplex, textOf, withMember } from '../resource.ts';
import { badRequest, ScimError } from '../scim-error.ts';
import { losesMembersBeyond } from '../words/groups.ts';
import { asQuestion, asksList, html, without } from './answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { refuseKnownMembers } from './writes.ts';

/** What becomes of groups and memberships. */
export const groups: readonly Misbehaviour[] = [
  {
    number: 62,
    title: 'unknown members are left out, without a word',
    play: () => ({ rules: { unknownMembers: 'drop' } }),
  },
  {
    number: 63,
    title: 'one bad member fails the whole request',
    play: () => ({ rules: { unknownMembers: 'refuse' } }),
  },
  {
    number: 64,
    title: 'members are in no list, and only the first 100 of them in a group',
    play: () => ({ show: fewMembers }),
  },
  {
    number: 65,
    title: 'a PATCH of a group with more than 100 members removes those beyond',
    play: () => losesMembersBeyond(100),
  },
  {
    number: 66,
    title: 'to remove all members is refused; to replace them is answered with success and ignored',
    play: () => ({ hear: ignoreReplacement }),
  },
  {
    number: 67,
    title: 'more than 20 members in one request: 413, as a page in HTML',
    play: () => ({
      judge: (asked) => (membersSaid(asked) > 20 ? html(413, '413 Request Entity Too Large') : undefined),
    }),
  },
  { number: 68, title: 'who is a member already is answered 409', play: () => ({ judge: refuseKnownMembers(409) }) },
  {
    number: 69,
    title: 'POST of a group with members is refused, and members in a PUT are ignored',
    play: () => ({ hear: noMembersInWhole }),
  },
  { number: 70, title: 'the old name of a group stays taken after a rename: 409', play: reservedNames },
  {
    number: 71,
    title: 'all members are pushed at each change, until it times out',
    cannot:
      'it is what a client does to a server, and no server does it; the request log shows whether changes are said one by one',
  },
];

const fewMembers: NonNullable<Habit['show']> = (resource, kind, asked) => {
  const { members } = resource;
  if (kind !== 'Group' || !Array.isArray(members)) return resource;
  return asksList(asked) ? without(resource, 'members') : { ...resource, members: members.slice(0, 100) };
};

function ignoreReplacement(asked: Asked): Asked {
  if (asked.kind !== 'Group' || !isPatch(asked)) return asked;
  const operations = operationsOf(asked.message);
  const removesAll = ({ op, path, value }: SentOperation): boolean =>
    op.toLowerCase() === 'remove' && path?.trim().toLowerCase() === 'members' && value === undefined;
  if (operations.some(removesAll))
    throw badRequest('invalidValue', 'All members of a group cannot be removed at once.');
  const heard = operations.filter((operation) => !(operation.op.toLowerCase() === 'replace' && isOfMembers(operation)));
  return heard.length === operations.length
    ? asked
    : heard.length === 0
      ? asQuestion(asked)
      : withOperations(asked, heard);
}

function membersSaid(asked: Asked): number {
  if (asked.kind !== 'Group') return 0;
  if (isWhole(asked)) return membersIn(member(asked.message, 'members') as Json | undefined).length;
  const { add, remove } = isPatch(asked) ? memberChanges(operationsOf(asked.message)) : { add: [], remove: [] };
  return add.length + remove.length;
}

const noMembersInWhole: NonNullable<Habit['hear']> = (asked, app) => {
  if (
    asked.kind !== 'Group' ||
    !isWhole(asked) ||
    !isComplex(asked.message) ||
    membersIn(member(asked.message, 'members') as Json | undefined).length === 0
  )
    return asked;
  if (asked.request.method === 'POST') throw badRequest('invalidValue', 'A group is created without members.');
  const before = asked.id === undefined ? undefined : app.contents.get('Group', asked.id);
  return { ...asked, message: withMember(without(asked.message, 'members'), 'members', before?.['members']) };
};

function reservedNames(): Habit {
  const reserved = new Map<string, string>();
  return {
    store(attributes, { kind, before, asked }) {
      if (kind !== 'Group') return attributes;
      const name = textOf(attributes['displayName']).toLowerCase();
      const owner = reserved.get(name);
      if (owner !== undefined && owner !== asked?.id)
        throw new ScimError(409, 'Another group already exists with this ID.', 'uniqueness');
      const old = textOf(before?.['displayName']).toLowerCase();
      if (asked?.id !== undefined && before !== undefined && old !== name) reserved.set(old, asked.id);
      return attributes;
    },
    end(kind, resource) {
      for (const [name, id] of reserved) if (kind === 'Group' && id === resource.id) reserved.delete(name);
      return false;
    },
  };
}
