import { randomUUID } from 'node:crypto';
import type { Instant } from '../../model/ids.ts';
import { errorAnswer } from '../answer.ts';
import type { Application, Habit } from '../application.ts';
import { activeIn, isPatch, membersIn, saysActiveAlone } from '../operations.ts';
import type { Asked } from '../request.ts';
import { textOf, type Resource } from '../resource.ts';
import { missing, remove } from '../resources.ts';
import { badRequest, ScimError } from '../scim-error.ts';
import { upsert } from '../upsert.ts';
import { close, obscured } from '../words/accounts.ts';
import { empty, isChange, isWrite, succeeded } from './answers.ts';
import { hiddenAccounts, rejectedAccounts, unknownToGroups } from './hidden.ts';
import { changedIds } from './identity.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Who somebody is, and how accounts begin and end. */
export const accounts: readonly Misbehaviour[] = [
  {
    number: 46,
    title: 'ids hold a pipe, which must be percent-encoded in paths',
    play: () => ({
      identify: () => `saml|con_1|${randomUUID()}`,
      judge: ({ request }) => (request.path.includes('|') ? errorAnswer(new ScimError(404, 'Not found.')) : undefined),
    }),
  },
  {
    number: 47,
    title: 'a user has the id that the client chose (externalId); those who were there before have got new ones',
    play: changedIds,
  },
  { number: 48, title: 'a closed account answers 404 to GET and PATCH', play: () => ({ judge: goneWhenClosed }) },
  {
    number: 49,
    title: 'a closed account is shown under a made-up name, and not in its groups',
    play: () => ({ appear: hideClosed }),
  },
  {
    number: 50,
    title: 'DELETE is final: who is made again is another identity, without memberships',
    play: () => ({ rules: { deletionEndsMemberships: true } }),
  },
  { number: 51, title: 'DELETE of a user only closes the account', play: () => ({ end: closeInstead }) },
  {
    number: 52,
    title: 'closing an account deletes it (it was an invitation only)',
    play: () => ({
      answer: (answer, asked, app) =>
        isClosing(asked) && succeeded(answer) && asked.id !== undefined
          ? (remove(app, 'User', asked.id), answer)
          : answer,
    }),
  },
  { number: 53, title: 'PATCH does not open a closed account again: 400', play: () => ({ judge: refuseReopening }) },
  {
    number: 54,
    title: 'a closed account cannot be changed until it is open',
    play: () => ({ judge: refuseChangeOfClosed }),
  },
  {
    number: 55,
    title: 'POST with active false is refused with a bare 400',
    play: () => ({
      judge: (asked) =>
        asked.on === 'collection' &&
        asked.kind === 'User' &&
        asked.request.method === 'POST' &&
        activeIn(asked) === false
          ? empty(400)
          : undefined,
    }),
  },
  {
    number: 56,
    title: 'POST of an account that is there already is answered 201 with its id',
    play: () => upsert(() => true),
  },
  {
    number: 57,
    title: 'accounts that were planted are seen by no lookup, and 409 when they are made',
    play: hiddenAccounts,
  },
  {
    number: 58,
    title: 'a conflict is said as 429 for users and as 400 for groups, without scimType',
    play: () => ({
      answer: (answer, asked) =>
        asked.request.method === 'POST' && answer.status === 409
          ? errorAnswer(new ScimError(asked.kind === 'User' ? 429 : 400, `${asked.kind ?? 'Resource'} Already Exists`))
          : answer,
    }),
  },
  {
    number: 59,
    title: 'a rejected user is hidden and out of its groups until repaired; POST then merges',
    play: rejectedAccounts,
  },
  {
    number: 60,
    title: 'who was deleted or closed and is back is unknown to the first group that should have it: 404',
    play: unknownToGroups,
  },
  {
    number: 61,
    title:
      'accounts with the role owner or admin are invisible; changes of owners are 404, those of admins are ignored',
    play: () => ({ appear: hidePrivileged, judge: protectPrivileged }),
  },
  { number: 84, title: 'a create is answered 202, and seen two seconds later', play: lateCreates },
];

const accountOf = ({ kind, id }: Asked, app: Application): Resource | undefined =>
  kind === 'User' && id !== undefined ? app.contents.get('User', id) : undefined;

const isClosed = (account: Resource | undefined): account is Resource => account?.['active'] === false;

const isClosing = (asked: Asked): boolean => asked.kind === 'User' && isChange(asked) && activeIn(asked) === false;

const goneWhenClosed: NonNullable<Habit['judge']> = (asked, app) => {
  const account = accountOf(asked, app);
  if (isClosed(account) && ['GET', 'PATCH'].includes(asked.request.method)) throw missing('User', account.id);
  return undefined;
};

const hideClosed: NonNullable<Habit['appear']> = (resource, kind, _asked, app) => {
  if (kind === 'User') return resource['active'] === false ? obscured(resource) : resource;
  const members = membersIn(resource['members']);
  const open = members.filter(({ value }) => app.contents.get('User', textOf(value))?.['active'] !== false);
  return open.length === members.length
    ? resource
    : { ...resource, id: resource.id, schemas: resource.schemas, meta: resource.meta, members: open };
};

const closeInstead: NonNullable<Habit['end']> = (kind, resource, app) => {
  if (kind === 'User') close(resource, app);
  return kind === 'User';
};

const refuseReopening: NonNullable<Habit['judge']> = (asked, app) => {
  if (isPatch(asked) && isClosed(accountOf(asked, app)) && activeIn(asked) === true)
    throw badRequest('invalidValue', '[invalid]patch: the user is not active.');
  return undefined;
};

const refuseChangeOfClosed: NonNullable<Habit['judge']> = (asked, app) => {
  if (isChange(asked) && isClosed(accountOf(asked, app)) && activeIn(asked) !== true && !saysActiveAlone(asked))
    throw badRequest('mutability', 'An inactive user cannot be changed.');
  return undefined;
};

const hasRole = (account: Resource | undefined, role: string): boolean =>
  membersIn(account?.['roles']).some(({ value }) => value === role);

const hidePrivileged: NonNullable<Habit['appear']> = (resource, kind) =>
  kind === 'User' && (hasRole(resource, 'owner') || hasRole(resource, 'admin')) ? undefined : resource;

const protectPrivileged: NonNullable<Habit['judge']> = (asked, app) => {
  const account = accountOf(asked, app);
  if (account === undefined || !isWrite(asked)) return undefined;
  if (hasRole(account, 'owner')) throw missing('User', account.id);
  return hasRole(account, 'admin') ? empty(204) : undefined;
};

/** In milliseconds. */
const lateness = 2000;

function lateCreates(): Habit {
  const made = new Map<string, Instant>();
  return {
    appear: (resource, _kind, _asked, app) =>
      app.now() < (made.get(resource.id) ?? 0) + lateness ? undefined : resource,
    answer(answer, { on, request }, app) {
      if (on !== 'collection' || request.method !== 'POST' || answer.status !== 201) return answer;
      made.set(textOf(answer.body?.['id']), app.now());
      const { location } = answer.headers;
      return { status: 202, headers: location === undefined ? {} : { location } };
    },
  };
}
