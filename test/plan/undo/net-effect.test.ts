import { expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { Edit, ResourceOperation } from '../../../src/model/operation.ts';
import { netEffect, type NetEffect } from '../../../src/plan/undo/net-effect.ts';

const of = { resourceType: 'User', key: sourceKey('1'), name: 'ada', reason: '' } as const;
const create: ResourceOperation = { ...of, action: 'create', body: { userName: 'ada' } };
const remove: ResourceOperation = { ...of, action: 'delete' };
const update = (...edits: readonly Edit[]): ResourceOperation => ({ ...of, action: 'update', edits, body: {} });
const deactivate: ResourceOperation = {
  ...of,
  ...{ action: 'deactivate', edits: [{ path: 'active', from: true, to: false }], body: {} },
};
const title = (from: string | null, to: string | null): Edit => ({ path: 'title', from, to });
const login = (from: string, to: string): Edit => ({ path: 'userName', from, to });

const before = { userName: 'ada', title: 'a' };

test.each<readonly [title: string, operations: readonly ResourceOperation[], effect: NetEffect]>([
  ['a create', [create], { kind: 'created' }],
  ['a create, and an update by a later round', [create, update(title(null, 'a'))], { kind: 'created' }],
  ['a create that was taken back', [create, remove], { kind: 'changed', edits: [] }],
  ['a deletion', [remove], { kind: 'deleted', body: before }],
  ['a deletion after an update', [update(title('a', 'b')), remove], { kind: 'deleted', body: before }],
  ['a deletion, and a create again', [remove, create], { kind: 'replaced' }],
  ['an update', [update(title('a', 'b'))], { kind: 'changed', edits: [title('a', 'b')] }],
  [
    'a name that was given by a temporary one',
    [update(login('ada', 'ada~1')), update(login('ada', 'bob'), title(null, 'b'))],
    { kind: 'changed', edits: [login('ada', 'bob'), title(null, 'b')] },
  ],
  [
    'a value that was absent before',
    [update(title(null, 'a')), update(title('a', 'b'))],
    {
      kind: 'changed',
      edits: [title(null, 'b')],
    },
  ],
  ['a value that changed back', [update(title('a', 'b')), update(title('b', 'a'))], { kind: 'changed', edits: [] }],
  ['a deactivation', [deactivate], { kind: 'changed', edits: [{ path: 'active', from: true, to: false }] }],
])('%s', (_, operations, effect) => {
  expect(netEffect(operations, before)).toEqual(effect);
});
