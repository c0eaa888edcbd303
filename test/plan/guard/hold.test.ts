import { expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { ChangedMember, Edit, MembershipCause, Operation } from '../../../src/model/operation.ts';
import type { ChangeKind } from '../../../src/model/plan.ts';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import { createChangeCounter } from '../../../src/plan/guard/count-changes.ts';
import { heldChanges, heldShare, type HeldShare } from '../../../src/plan/guard/hold.ts';
import { phaseOf, phases } from '../../../src/plan/phases.ts';

const base = { key: sourceKey('x'), name: 'x', reason: 'test' };
const on = (
  resourceType: ResourceType,
  action: 'create' | 'update' | 'deactivate' | 'reactivate' | 'delete',
  edits: readonly Edit[] = [],
): Operation => ({ ...base, resourceType, action, edits, body: {} });
const title: Edit = { path: 'title', from: 'a', to: 'b' };

type Cause = MembershipCause | undefined;
const list = (causes: readonly Cause[]): readonly ChangedMember[] =>
  causes.map((cause) => ({ resourceType: 'User', key: sourceKey('ada'), ...(cause === undefined ? {} : { cause }) }));
const members = (add: readonly Cause[], remove: readonly Cause[]): Operation => ({
  ...{ ...base, resourceType: 'Group', action: 'members' },
  ...{ add: list(add), remove: list(remove) },
});
const recreation = (resourceType: ResourceType): Operation => ({
  ...{ ...base, resourceType, action: 'create', body: {}, isRecreation: true },
});

interface More {
  readonly phase?: number;
  readonly isRenaming?: boolean;
}

test.each<[string, Operation, readonly ChangeKind[], HeldShare, More?]>([
  ['a deactivation', on('User', 'deactivate'), ['usersRemoved'], 'all'],
  ['a deletion of a user', on('User', 'delete'), ['usersRemoved'], 'all'],
  ['a deletion of a user', on('User', 'delete'), ['groupsRemoved', 'membershipsRemoved'], 'nothing'],
  ['a deletion of a group', on('Group', 'delete'), ['groupsRemoved'], 'all'],
  ['a deletion of a group', on('Group', 'delete'), ['membershipsRemoved'], 'all'],
  ['a deletion of a group', on('Group', 'delete'), ['usersRemoved'], 'nothing'],
  ['a leaver who releases a name', on('User', 'update'), ['usersRemoved'], 'all', { phase: phases.releaseNames }],
  ['a temporary name', on('User', 'update'), ['usersRemoved'], 'nothing', { phase: phases.breakRenameCycles }],
  ['a temporary name', on('User', 'update'), ['usersRenamed'], 'all', { phase: phases.breakRenameCycles }],
  ['a temporary name of a group', on('Group', 'update'), ['groupsRenamed'], 'all', { phase: phases.breakRenameCycles }],
  ['a create', on('User', 'create'), ['usersRemoved', 'usersMissing'], 'nothing'],
  ['a create', on('User', 'create'), ['usersCreated'], 'all'],
  ['a create of a group', on('Group', 'create'), ['usersCreated'], 'nothing'],
  ['a create of a missing account', recreation('User'), ['usersMissing'], 'all'],
  ['a create of a missing account', recreation('User'), ['usersCreated', 'usersRemoved'], 'nothing'],
  ['a create of a missing group', recreation('Group'), ['groupsMissing'], 'all'],
  ['a reactivation', on('User', 'reactivate'), ['usersReactivated'], 'all'],
  ['a reactivation', on('User', 'reactivate'), ['usersRemoved', 'usersCreated'], 'nothing'],
  ['a start of access', { ...on('User', 'reactivate'), isStart: true } as Operation, ['usersReactivated'], 'nothing'],
  ['an update that renames', on('User', 'update'), ['usersRenamed'], 'all', { isRenaming: true }],
  ['an update that renames', on('User', 'update'), ['usersRemoved', 'groupsRenamed'], 'nothing', { isRenaming: true }],
  ['an update that renames a group', on('Group', 'update'), ['groupsRenamed'], 'all', { isRenaming: true }],
  ['an update', on('User', 'update', [title]), ['usersRemoved', 'usersRenamed'], 'nothing'],
  ['removed members', members([], [undefined, undefined]), ['membershipsRemoved'], 'all'],
  ['removed members', members([], [undefined]), ['usersRemoved', 'groupsRemoved'], 'nothing'],
  ['members who leave', members([], ['leaver']), ['usersRemoved'], 'all'],
  ['members who leave', members([], ['leaver']), ['membershipsRemoved', 'groupsRemoved'], 'nothing'],
  ['members of a vanished group', members([], ['emptied']), ['groupsRemoved'], 'all'],
  ['members of a vanished group', members([], ['emptied']), ['membershipsRemoved'], 'all'],
  ['added members', members([undefined], []), ['membershipsRemoved', 'usersRemoved'], 'nothing'],
  ['added members', members([undefined], []), ['membershipsAdded'], 'all'],
  ['members of a new group', members(['newGroup'], []), ['newGroupMemberships'], 'all'],
  [
    'members of a new group beside others',
    members(['newGroup', undefined], []),
    ['membershipsAdded'],
    { classes: ['added'] },
  ],
  ['members who are created', members(['joiner'], []), ['usersCreated'], 'all'],
  ['members who are created', members(['joiner'], []), ['membershipsAdded'], 'nothing'],
  ['members who are created again', members(['recreated'], []), ['usersMissing'], 'all'],
  ['members who return', members(['returning'], []), ['usersReactivated'], 'all'],
  ['members whose rename is held', members(['renamed'], []), ['usersRenamed'], 'all'],
  [
    'members whose rename is held, beside others',
    members(['renamed', undefined], [undefined]),
    ['usersRenamed'],
    { classes: ['renamed'] },
  ],
  ['a mixed request', members([undefined], [undefined]), ['membershipsRemoved'], { classes: ['ended'] }],
  ['a mixed request', members(['joiner'], ['leaver', undefined]), ['usersRemoved'], { classes: ['leaver'] }],
  [
    'a mixed request',
    members(['joiner', undefined], ['leaver', undefined]),
    ['usersRemoved', 'membershipsRemoved', 'usersCreated'],
    { classes: ['leaver', 'ended', 'joiner'] },
  ],
  ['a deletion', on('User', 'delete'), [], 'nothing'],
])('%s %#', (_, operation, kinds, expected, more = {}) => {
  const held = heldChanges(kinds.map((kind) => ({ kind })));
  expect(heldShare({ operation, phase: phaseOf(operation), isRenaming: false, ...more }, held)).toEqual(expected);
});

test.each<[ResourceType, 'update' | 'reactivate', string, HeldShare]>([
  ['User', 'update', 'title', 'all'],
  ['User', 'update', 'department', 'nothing'],
  ['User', 'reactivate', 'title', 'nothing'],
  ['Group', 'update', 'title', 'nothing'],
])('an attribute: %s %s where %s is held', (resourceType, action, subject, expected) => {
  const operation = on(resourceType, action, [title]);
  const held = heldChanges([{ kind: 'attributeChanged', subject }]);
  expect(heldShare({ operation, phase: phaseOf(operation), isRenaming: false }, held)).toBe(expected);
});

test('the counter counts each change once', () => {
  const counter = createChangeCounter();
  const add = (operation: Operation, more: More & { readonly isRepeatedDeletion?: true } = {}): void =>
    counter.add({ operation, phase: phaseOf(operation), isRenaming: false, ...more });
  add(on('User', 'deactivate'));
  add(on('User', 'delete'));
  add(on('User', 'delete'), { isRepeatedDeletion: true });
  add(on('Group', 'delete'));
  add(on('User', 'create'));
  add(on('Group', 'create'));
  add(recreation('User'));
  add(recreation('Group'));
  add(on('User', 'reactivate', [title]));
  add(on('User', 'update', [title, { path: 'userName', from: 'a', to: 'b' }]), { isRenaming: true });
  add(on('User', 'update', [title, { path: 'nickName', from: 'x', to: 'x' }]));
  add(on('User', 'update', [{ path: 'externalId', from: '00x', to: 'x' }]));
  add(on('Group', 'update', [{ path: 'displayName', from: 'a', to: 'b' }]), { isRenaming: true });
  add(members([undefined, 'joiner', 'returning'], [undefined, 'leaver', 'emptied']));
  counter.addCount('groupsRemoved', 2);
  counter.addCount('membershipsRemoved', 36);
  counter.addCount('usersMissing', 0);
  expect(Object.fromEntries(counter.counts().map(({ kind, subject, count }) => [subject ?? kind, count]))).toEqual({
    usersRemoved: 2,
    groupsRemoved: 3,
    usersCreated: 1,
    usersMissing: 1,
    groupsMissing: 1,
    usersReactivated: 1,
    usersRenamed: 1,
    groupsRenamed: 1,
    membershipsAdded: 1,
    membershipsRemoved: 38,
    title: 2,
  });
});

test('a start of access counts as no reactivation, and its rename as a rename', () => {
  const counter = createChangeCounter();
  const start = { ...on('User', 'reactivate'), isStart: true } as Operation;
  counter.add({ operation: start, phase: phaseOf(start), isRenaming: false });
  expect(counter.counts()).toEqual([]);
  counter.add({ operation: start, phase: phaseOf(start), isRenaming: true });
  expect(counter.counts()).toEqual([{ kind: 'usersRenamed', count: 1 }]);
});

test.each<[string, Operation, HeldShare, number?]>([
  ['a deletion', on('User', 'delete'), 'all'],
  ['the name that it releases', on('User', 'update'), 'all', phases.releaseNames],
  ['another update', on('User', 'update', [title]), 'nothing'],
  ['the deletion of another user', { ...on('User', 'delete'), key: sourceKey('y') }, 'nothing'],
  ['the deletion of a group with this key', on('Group', 'delete'), 'nothing'],
  ['the memberships of others', members([], ['leaver']), 'nothing'],
])('a clock in doubt holds the deletion of one user: %s', (_, operation, share, phase = phaseOf(operation)) => {
  const held = heldChanges([{ kind: 'usersRemoved', code: 'guard.clockJump' }], new Set([sourceKey('x')]));
  expect(heldShare({ operation, phase, isRenaming: false }, held)).toEqual(share);
});
