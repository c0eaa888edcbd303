import { expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import type { Edit, Member, Operation } from '../../src/model/operation.ts';
import { managerPath } from '../../src/model/path.ts';
import type { Json } from '../../src/model/resource.ts';
import { describeEdit, describeOperation } from '../../src/plan/describe.ts';

const user = { resourceType: 'User', key: sourceKey('1'), name: 'ada', reason: 'left the source' } as const;
const group = { resourceType: 'Group', key: sourceKey('g'), name: 'Team', reason: 'left the source' } as const;
const body = { userName: 'ada' };
const people = (...keys: string[]): Member[] => keys.map((key) => ({ resourceType: 'User', key: sourceKey(key) }));
const edit = (path: string, from: Json, to: Json): Edit => ({ path, from, to });

test.each<[string, Operation]>([
  ['create user ada (1)', { ...user, action: 'create', body }],
  ['create user 1', { ...user, name: '', action: 'create', body }],
  ['create user 1', { ...user, name: '1', action: 'create', body }],
  ['create group Team (g)', { ...group, action: 'create', body }],
  [
    'update user ada (1): userName "a" → "ada"',
    { ...user, action: 'update', edits: [edit('userName', 'a', 'ada')], body },
  ],
  [
    'update user ada (1): title: set "CTO", nickName: remove "A"',
    { ...user, action: 'update', edits: [edit('title', null, 'CTO'), edit('nickName', 'A', null)], body },
  ],
  [
    'update group Team (g): displayName "T" → "Team"',
    { ...group, action: 'update', edits: [edit('displayName', 'T', 'Team')], body },
  ],
  ['reactivate user ada (1)', { ...user, action: 'reactivate', edits: [edit('active', false, true)], body }],
  [
    'reactivate user ada (1): title: set "CTO"',
    { ...user, action: 'reactivate', edits: [edit('active', false, true), edit('title', null, 'CTO')], body },
  ],
  [
    'deactivate user ada (1), who left the source',
    { ...user, action: 'deactivate', edits: [edit('active', true, false)], body },
  ],
  ['delete user ada (1), who left the source', { ...user, action: 'delete' }],
  ['delete group Team (g), which left the source', { ...group, action: 'delete' }],
  ['look for user ada (1): left the source', { ...user, action: 'verifyCreate', body }],
  ['group Team (g): add member 1', { ...group, action: 'members', remove: [], add: people('1') }],
  ['group Team (g): remove members 1, 2', { ...group, action: 'members', remove: people('1', '2'), add: [] }],
  [
    'group Team (g): remove member 1, add member 2',
    { ...group, action: 'members', remove: people('1'), add: people('2') },
  ],
  [
    'group Team (g): add members 1, 2, 3, 4, 5',
    { ...group, action: 'members', remove: [], add: people('1', '2', '3', '4', '5') },
  ],
  [
    'group Team (g): add 6 members (1, 2, 3, 4, 5, …)',
    { ...group, action: 'members', remove: [], add: people('1', '2', '3', '4', '5', '6') },
  ],
])('%s', (expected, operation) => {
  expect(describeOperation(operation)).toBe(expected);
});

test.each<[string, Edit]>([
  ['department "a" → "b"', edit('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', 'a', 'b')],
  ['manager.value: set "7"', edit('urn:ietf:params:scim:schemas:extension:enterprise:2.0:manager.value', null, '7')],
  ['emails[type eq "work"].value "a@x" → "b@x"', edit('emails[type eq "work"].value', 'a@x', 'b@x')],
  ['active true → false', edit('active', true, false)],
  ['roles ["a"] → [{"value":"b"}]', edit('roles', ['a'], [{ value: 'b' }])],
])('%s', (expected, one) => {
  expect(describeEdit(one)).toBe(expected);
});

test('members and managers have their names', () => {
  const names = new Map([
    ['User:1', 'bob'],
    ['User:2', 'cyd'],
    ['User:3', 'bob'],
    ['Group:1', 'Red'],
  ]);
  const nameOf = (resourceType: string, key: string): string | undefined => names.get(`${resourceType}:${key}`);
  const add: readonly Member[] = [...people('1', '9'), { resourceType: 'Group', key: sourceKey('1') }];
  expect(describeOperation({ ...group, action: 'members', remove: people('2'), add }, nameOf)).toBe(
    'group Team (g): remove member cyd, add members bob, 9, Red',
  );
  const manager = (from: Json, to: Json): string =>
    describeOperation({ ...user, action: 'update', edits: [edit(managerPath, from, to)], body }, nameOf);
  expect(manager('1', '2')).toBe('update user ada (1): manager.value "bob" → "cyd"');
  expect(manager(null, '1')).toBe('update user ada (1): manager.value: set "bob"');
  expect(manager('1', '3')).toBe('update user ada (1): manager.value "1" → "3"');
});
