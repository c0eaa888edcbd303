import { expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import type { Member, Operation } from '../../src/model/operation.ts';
import type { HeldPart } from '../../src/model/plan.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { heldShare } from '../../src/plan/hold.ts';
import { phaseOf, phases } from '../../src/plan/phases.ts';

const member: Member = { resourceType: 'User', key: sourceKey('ada') };
const base = { key: sourceKey('x'), name: 'x', reason: 'test' };
const on = (
  resourceType: ResourceType,
  action: 'create' | 'update' | 'deactivate' | 'reactivate' | 'delete',
): Operation => ({
  ...base,
  resourceType,
  action,
  edits: [],
  body: {},
});
const members = (add: number, remove: number): Operation => ({
  ...base,
  resourceType: 'Group',
  action: 'members',
  add: Array<Member>(add).fill(member),
  remove: Array<Member>(remove).fill(member),
});

const recreation: Operation = { ...base, resourceType: 'User', action: 'create', body: {}, isRecreation: true };

const removals: readonly HeldPart[] = ['removals'];
const renames: readonly HeldPart[] = ['renames'];

test.each<
  [
    string,
    Operation,
    readonly HeldPart[],
    'nothing' | 'all' | 'removedMembers',
    { phase?: number; isRenaming?: boolean }?,
  ]
>([
  ['a deactivation', on('User', 'deactivate'), removals, 'all'],
  ['a deletion of a user', on('User', 'delete'), removals, 'all'],
  ['a deletion of a group', on('Group', 'delete'), removals, 'all'],
  ['a leaver who releases a name', on('User', 'update'), removals, 'all', { phase: phases.releaseNames }],
  ['a user who breaks a rename cycle', on('User', 'update'), removals, 'nothing', { phase: phases.breakRenameCycles }],
  ['a create', on('User', 'create'), removals, 'nothing'],
  ['an update', on('User', 'update'), removals, 'nothing'],
  ['an update that renames', on('User', 'update'), removals, 'nothing', { isRenaming: true }],
  ['a reactivation', on('User', 'reactivate'), removals, 'nothing'],
  ['added members', members(2, 0), removals, 'nothing'],
  ['added members that were split off', members(2, 0), removals, 'nothing', { phase: phases.removeMembers }],
  ['removed members', members(0, 2), removals, 'all'],
  ['added and removed members', members(1, 1), removals, 'removedMembers'],
  ['an update that renames', on('User', 'update'), renames, 'all', { isRenaming: true }],
  ['an update that does not rename', on('User', 'update'), renames, 'nothing'],
  ['a create of a missing account', recreation, ['recreations'], 'all'],
  ['a create of a missing account', recreation, removals, 'nothing'],
  ['a create', on('User', 'create'), ['recreations'], 'nothing'],
  ['a deactivation', on('User', 'deactivate'), ['recreations'], 'nothing'],
  ['a deactivation', on('User', 'deactivate'), renames, 'nothing'],
  ['removed members', members(0, 2), renames, 'nothing'],
  ['an update that renames', on('User', 'update'), ['removals', 'renames'], 'all', { isRenaming: true }],
  ['a deletion', on('User', 'delete'), ['removals', 'renames'], 'all'],
  ['a deletion', on('User', 'delete'), [], 'nothing'],
])('%s %#', (_, operation, parts, expected, more = {}) => {
  expect(heldShare({ operation, phase: phaseOf(operation), isRenaming: false, ...more }, parts)).toBe(expected);
});
