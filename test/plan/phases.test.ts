import { expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import { kinds, type Kind } from '../../src/model/kind.ts';
import type { Operation } from '../../src/model/operation.ts';
import { phaseOf, phases, removalPhases } from '../../src/plan/phases.ts';

type Phase = keyof typeof phases;

function operation(action: Operation['action'], kind: Kind, removes = false): Operation {
  const resource = { kind, key: sourceKey('1'), name: '', reason: '' };
  const member = [{ kind: 'User', key: sourceKey('2') }] as const;
  switch (action) {
    case 'create':
    case 'claim':
      return { ...resource, action, body: {} };
    case 'delete':
      return { ...resource, action };
    case 'members':
      return { ...resource, action, remove: removes ? member : [], add: member };
    default:
      return { ...resource, action, edits: [], body: {} };
  }
}

test.each<[Operation['action'], Kind, Phase]>([
  ['claim', 'User', 'claim'],
  ['deactivate', 'User', 'deactivate'],
  ['delete', 'User', 'deleteUsers'],
  ['delete', 'Group', 'deleteGroups'],
  ['update', 'User', 'updateUsers'],
  ['reactivate', 'User', 'updateUsers'],
  ['create', 'User', 'createUsers'],
  ['update', 'Group', 'updateGroups'],
  ['create', 'Group', 'createGroups'],
  ['members', 'Group', 'addMembers'],
])('%s of a %s belongs to %s', (action, kind, phase) => {
  expect(phaseOf(operation(action, kind))).toBe(phases[phase]);
});

test('a membership operation that removes anybody belongs to the removals', () => {
  expect(phaseOf(operation('members', 'Group', true))).toBe(phases.removeMembers);
});

test('every action has a phase, and what takes away comes before everything that gives', () => {
  const giving: readonly Operation['action'][] = ['create', 'update', 'reactivate', 'members'];
  for (const kind of kinds) {
    const taking = Math.max(
      phaseOf(operation('delete', kind)),
      phaseOf(operation('deactivate', kind)),
      phaseOf(operation('members', kind, true)),
    );
    for (const action of giving) expect(phaseOf(operation(action, kind))).toBeGreaterThan(taking);
  }
});

test('names are freed after the removals that free some, and before anybody takes one', () => {
  expect(phases.freeNames).toBeGreaterThan(phases.deleteUsers);
  expect(phases.freeNames).toBeLessThan(
    Math.min(phases.updateUsers, phases.createUsers, phases.updateGroups, phases.createGroups),
  );
});

test('people come before their groups, groups before their members, managers before those who refer to them', () => {
  const order: readonly Phase[] = ['createUsers', 'referToCreated', 'createGroups', 'addMembers'];
  expect([...order].sort((a, b) => phases[a] - phases[b])).toEqual(order);
});

test('a hold reaches every phase that takes away, and none that gives', () => {
  const all = Object.keys(phases) as Phase[];
  expect(all.filter((phase) => removalPhases.includes(phases[phase]))).toEqual([
    'deactivate',
    'deleteUsers',
    'deleteGroups',
    'freeNames',
  ]);
});
