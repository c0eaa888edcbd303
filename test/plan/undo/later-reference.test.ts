import { expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { ResourceOperation } from '../../../src/model/operation.ts';
import { managerPath } from '../../../src/model/path.ts';
import { newManagerOf, withLaterManager } from '../../../src/plan/undo/later-reference.ts';

const of = { resourceType: 'User', key: sourceKey('1'), name: 'ada', reason: 'undo of pass 7' } as const;
const manager = { path: managerPath, from: null, to: '2' };
const title = { path: 'title', from: 'b', to: 'a' };
const body = { userName: 'ada', title: 'a', [managerPath]: '2' };
const without = { userName: 'ada', title: 'a' };
const later = { ...of, action: 'update', edits: [manager], body };

test.each<readonly [title: string, operation: ResourceOperation, split: readonly unknown[]]>([
  ['a create', { ...of, action: 'create', body }, [{ ...of, action: 'create', body: without }, later]],
  ['an update of nothing else', { ...of, action: 'update', edits: [manager], body }, [undefined, later]],
  [
    'a reactivation with other values',
    { ...of, action: 'reactivate', edits: [title, manager], body },
    [{ ...of, action: 'reactivate', edits: [title], body: without }, later],
  ],
])('%s gets the manager later', (_, operation, split) => {
  expect(newManagerOf(operation)).toBe('2');
  expect(withLaterManager(operation)).toEqual(split);
});

test.each<readonly [title: string, operation: ResourceOperation]>([
  ['a create', { ...of, action: 'create', body: without }],
  ['an update', { ...of, action: 'update', edits: [title], body: without }],
  ['a deletion', { ...of, action: 'delete' }],
])('%s without a manager stays as it is', (_, operation) => {
  expect(newManagerOf(operation)).toBeUndefined();
  expect(withLaterManager(operation)).toEqual([operation, undefined]);
});
