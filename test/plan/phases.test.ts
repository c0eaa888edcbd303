import { expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import { resourceTypes, type ResourceType } from '../../src/model/resource-type.ts';
import type { Operation } from '../../src/model/operation.ts';
import { phaseOf, phases, removalPhases } from '../../src/plan/phases.ts';

type Phase = keyof typeof phases;

function operation(action: Operation['action'], resourceType: ResourceType, removes = false): Operation {
  const resource = { resourceType, key: sourceKey('1'), name: '', reason: '' };
  const member = [{ resourceType: 'User', key: sourceKey('2') }] as const;
  switch (action) {
    case 'create':
    case 'verifyCreate':
      return { ...resource, action, body: {} };
    case 'delete':
      return { ...resource, action };
    case 'members':
      return { ...resource, action, remove: removes ? member : [], add: member };
    default:
      return { ...resource, action, edits: [], body: {} };
  }
}

test.each<[Operation['action'], ResourceType, Phase]>([
  ['verifyCreate', 'User', 'verifyCreate'],
  ['deactivate', 'User', 'deactivate'],
  ['delete', 'User', 'deleteUsers'],
  ['delete', 'Group', 'deleteGroups'],
  ['update', 'User', 'updateUsers'],
  ['reactivate', 'User', 'updateUsers'],
  ['create', 'User', 'createUsers'],
  ['update', 'Group', 'updateGroups'],
  ['create', 'Group', 'createGroups'],
  ['members', 'Group', 'addMembers'],
])('%s of a %s belongs to %s', (action, resourceType, phase) => {
  expect(phaseOf(operation(action, resourceType))).toBe(phases[phase]);
});

test('a membership operation with a removal belongs to removeMembers', () => {
  expect(phaseOf(operation('members', 'Group', true))).toBe(phases.removeMembers);
});

test('every action has a phase, and removals come before all other actions', () => {
  const otherActions: readonly Operation['action'][] = ['create', 'update', 'reactivate', 'members'];
  for (const resourceType of resourceTypes) {
    const lastRemoval = Math.max(
      phaseOf(operation('delete', resourceType)),
      phaseOf(operation('deactivate', resourceType)),
      phaseOf(operation('members', resourceType, true)),
    );
    for (const action of otherActions) expect(phaseOf(operation(action, resourceType))).toBeGreaterThan(lastRemoval);
  }
});

test('names are released after deletions, and before creates and updates that take names', () => {
  expect(phases.releaseNames).toBeGreaterThan(phases.deleteUsers);
  expect(phases.releaseNames).toBeLessThan(
    Math.min(phases.updateUsers, phases.createUsers, phases.updateGroups, phases.createGroups),
  );
});

test('users come before groups, groups before memberships, managers before references to them', () => {
  const order: readonly Phase[] = ['createUsers', 'linkToCreated', 'createGroups', 'addMembers'];
  expect([...order].sort((a, b) => phases[a] - phases[b])).toEqual(order);
});

test('a hold of removals covers exactly these phases', () => {
  const all = Object.keys(phases) as Phase[];
  expect(all.filter((phase) => removalPhases.includes(phases[phase]))).toEqual([
    'deactivate',
    'deleteUsers',
    'deleteGroups',
    'releaseNames',
  ]);
});
