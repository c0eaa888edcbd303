import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey, type RemoteId } from '../../src/model/ids.ts';
import type { Member, Operation } from '../../src/model/operation.ts';
import type { Outcome, SnapshotChange } from '../../src/model/outcome.ts';
import type { FollowUp, Requeue } from '../../src/model/requeue.ts';
import type { KnownState } from '../../src/model/resource.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { followUps, followUpsOfReading } from '../../src/sync/follow-ups.ts';

const operationOn = (resourceType: ResourceType, action: 'create' | 'delete' = 'create'): Operation => ({
  action,
  resourceType,
  key: sourceKey('ada'),
  name: 'ada',
  reason: 'test',
  body: {},
});
const member = (key: string): Member => ({ resourceType: 'User', key: sourceKey(key) });
const membersOperation: Operation = {
  action: 'members',
  resourceType: 'Group',
  key: sourceKey('eng'),
  name: 'eng',
  reason: 'test',
  add: [member('ada')],
  remove: [],
};

const done: Outcome = { kind: 'done', status: 200 };
const refused: Outcome = { kind: 'rejected', status: 400, detail: 'no' };
const lost: Outcome = { kind: 'unknown', detail: 'lost' };
const unavailable: Outcome = { kind: 'unavailable', detail: 'down' };
const skipped: Outcome = { kind: 'skipped', detail: 'later' };

const keep: SnapshotChange = { kind: 'keep' };
const forget: SnapshotChange = { kind: 'forget' };
const remember = (id?: string): SnapshotChange => ({
  kind: 'remember',
  body: {},
  active: true,
  ...(id === undefined ? {} : { remoteId: remoteId(id) }),
});
const adopt = (id: string): SnapshotChange => ({
  kind: 'adopt',
  resource: { remoteId: remoteId(id), body: {}, active: true },
});

function requeues(
  operation: Operation,
  outcome: Outcome,
  settlement: { readonly change: SnapshotChange; readonly followUp?: FollowUp },
  before: { readonly remoteId?: RemoteId; readonly isMissing?: boolean; readonly dropsRefusedMembers?: boolean } = {},
): readonly Requeue[] {
  return followUps(
    operation,
    outcome,
    { followUp: 'none', ...settlement },
    {
      remoteId: before.remoteId,
      isMissing: before.isMissing ?? false,
      dropsRefusedMembers: before.dropsRefusedMembers ?? false,
    },
  );
}

describe('the record itself', () => {
  test.each<[Outcome, FollowUp, Requeue]>([
    [done, 'none', { kind: 'recordSettled' }],
    [done, 'thisPass', { kind: 'record', at: 'thisPass', verifyFirst: false }],
    [refused, 'nextPass', { kind: 'record', at: 'nextPass', verifyFirst: false }],
    [refused, 'verifyFirst', { kind: 'record', at: 'nextPass', verifyFirst: true }],
    [lost, 'verifyFirst', { kind: 'record', at: 'nextPass', verifyFirst: true }],
    [lost, 'nextPass', { kind: 'record', at: 'nextPass', verifyFirst: false }],
    [unavailable, 'nextPass', { kind: 'record', at: 'nextPass', verifyFirst: 'unchanged' }],
    [unavailable, 'verifyFirst', { kind: 'record', at: 'nextPass', verifyFirst: true }],
    [skipped, 'nextPass', { kind: 'record', at: 'nextPass', verifyFirst: 'unchanged' }],
  ])('%j with follow-up %s', (outcome, followUp, expected) => {
    expect(requeues(operationOn('User'), outcome, { change: keep, followUp })).toEqual([expected]);
  });
});

describe('records that depend on it', () => {
  const settled: Requeue = { kind: 'recordSettled' };
  const waiting: Requeue = { kind: 'pendingManagerOf' };
  const unanswered: Requeue = { kind: 'unansweredMembershipsOf' };
  const memberships = (ifRefusedBefore: boolean): Requeue => ({ kind: 'membershipsOf', ifRefusedBefore });
  const referrers = (at: 'thisPass' | 'nextPass'): Requeue => ({ kind: 'referrersOf', at });

  test.each<[string, ResourceType, SnapshotChange, string | undefined, boolean, readonly Requeue[]]>([
    // case, type, change, id before, whether the target drops refused members, requeues besides the record's own
    ['a new user', 'User', remember('r1'), undefined, false, [waiting]],
    ['a new user, target drops refused members', 'User', remember('r1'), undefined, true, [waiting, memberships(true)]],
    ['an updated user', 'User', remember(), 'r1', false, []],
    ['an updated user, where refused members are dropped', 'User', remember(), 'r1', true, [memberships(true)]],
    ['a user with the same id again', 'User', remember('r1'), 'r1', false, []],
    ['a user with another id', 'User', remember('r2'), 'r1', false, [referrers('thisPass'), memberships(false)]],
    [
      'another id, target drops refused members',
      'User',
      remember('r2'),
      'r1',
      true,
      [referrers('thisPass'), memberships(false)],
    ],
    ['an adopted user', 'User', adopt('r1'), undefined, false, [waiting, unanswered]],
    ['a user adopted under the same id', 'User', adopt('r1'), 'r1', false, [unanswered]],
    [
      'a user adopted under another id',
      'User',
      adopt('r2'),
      'r1',
      false,
      [referrers('thisPass'), unanswered, memberships(false)],
    ],
    ['a removed user', 'User', forget, 'r1', true, [referrers('nextPass')]],
    ['a missing user', 'User', { kind: 'missing' }, 'r1', true, [referrers('nextPass')]],
    ['a removed user without an account', 'User', forget, undefined, true, []],
    ['a user about whom nothing new is known', 'User', keep, 'r1', true, []],
    ['a user in doubt', 'User', { kind: 'inDoubt', paths: ['title'] }, 'r1', true, []],
    ['a new group', 'Group', remember('g1'), undefined, true, []],
    ['an adopted group', 'Group', adopt('g1'), undefined, true, [{ kind: 'membersOf' }]],
    ['a removed group', 'Group', forget, 'g1', true, []],
  ])('%s', (_, resourceType, change, id, dropsRefusedMembers, expected) => {
    const before = { dropsRefusedMembers, ...(id === undefined ? {} : { remoteId: remoteId(id) }) };
    expect(requeues(operationOn(resourceType), done, { change }, before)).toEqual([settled, ...expected]);
  });

  test.each<[string, SnapshotChange, readonly Requeue[]]>([
    ['is made again', remember('r2'), [referrers('thisPass'), waiting, memberships(false)]],
    ['is found again', adopt('r1'), [waiting, unanswered]],
    ['is still missing', { kind: 'missing' }, []],
    ['cannot be made', keep, []],
  ])('a missing user %s', (_, change, expected) => {
    const before = { remoteId: remoteId('r1'), isMissing: true };
    expect(requeues(operationOn('User'), done, { change }, before)).toEqual([settled, ...expected]);
  });
});

describe('memberships', () => {
  test.each<[string, SnapshotChange, readonly Requeue[]]>([
    [
      'acknowledged',
      { kind: 'members', added: [member('ada')], removed: [member('bob')] },
      [{ kind: 'membershipsSettled', members: [member('ada'), member('bob')] }],
    ],
    ['of a group that is missing', { kind: 'missing' }, [{ kind: 'record', at: 'nextPass', verifyFirst: false }]],
    ['not acknowledged', keep, []],
    ['in doubt', { kind: 'membersInDoubt', members: [member('ada')] }, []],
  ])('%s', (_, change, expected) => {
    expect(requeues(membersOperation, done, { change, followUp: 'nextPass' })).toEqual(expected);
  });
});

describe('after a reading of an account in doubt', () => {
  const itself: Requeue = { kind: 'record', at: 'thisPass', verifyFirst: 'unchanged' };
  const known = (resourceType: ResourceType): KnownState => ({
    ...{ resourceType, key: sourceKey('ada'), remoteId: remoteId('r1'), active: true, origin: 'created', body: {} },
  });

  test.each<[string, ResourceType, SnapshotChange, readonly Requeue[]]>([
    ['a user as known', 'User', remember('r1'), []],
    [
      'a user with another id',
      'User',
      adopt('r2'),
      [
        { kind: 'referrersOf', at: 'thisPass' },
        { kind: 'unansweredMembershipsOf' },
        { kind: 'membershipsOf', ifRefusedBefore: false },
      ],
    ],
    ['a missing user', 'User', { kind: 'missing' }, [{ kind: 'referrersOf', at: 'nextPass' }]],
    ['a group with another id', 'Group', adopt('g2'), [{ kind: 'membersOf' }]],
  ])('%s', (_, resourceType, change, expected) => {
    expect(followUpsOfReading(known(resourceType), change)).toEqual([itself, ...expected]);
  });
});
