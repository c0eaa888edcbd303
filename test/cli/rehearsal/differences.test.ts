import { expect, test } from '@jest/globals';
import { differences } from '../../../src/cli/rehearsal/differences.ts';
import { differenceLine, differenceText } from '../../../src/cli/rehearsal/rehearsal-text.ts';
import { managerPath } from '../../../src/model/path.ts';
import type { Json } from '../../../src/model/resource.ts';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import type { Complex, Resource } from '../../../src/sandbox/resources/resource.ts';

const resource = (id: string, attributes: Complex): Resource => ({
  schemas: [],
  id,
  ...attributes,
  meta: { resourceType: 'User', created: '', lastModified: '', location: '' },
});

/** What differs between two forms of one resource, by path. */
function changesOf(before: Complex, after: Complex, resourceType: ResourceType = 'User'): Record<string, Json[]> {
  const [found] = differences(
    resourceType,
    new Map([['1', resource('1', before)]]),
    new Map([['1', resource('1', after)]]),
  );
  return Object.fromEntries(found?.changes.map(({ path, from, to }) => [path, [from, to]]) ?? []);
}

const enterprise = managerPath.slice(0, managerPath.lastIndexOf(':'));
const typed = (type: string, value: string): Complex => ({ type, value });

test.each<[string, Complex, Complex, Record<string, Json[]>]>([
  ['an attribute', { title: 'A' }, { title: 'B' }, { title: ['A', 'B'] }],
  ['set and removed', { title: 'A' }, { nickName: 'B' }, { title: ['A', null], nickName: [null, 'B'] }],
  [
    'a sub-attribute',
    { name: { givenName: 'A', x: 1 } },
    { name: { givenName: 'B', x: 1 } },
    { 'name.givenName': ['A', 'B'] },
  ],
  [
    'an extension',
    { [enterprise]: { manager: { value: '1' }, department: 'D' } },
    { [enterprise]: { manager: { value: '2' }, department: 'D' } },
    { [managerPath]: ['1', '2'] },
  ],
  [
    'one element by its type',
    { emails: [typed('work', 'a'), typed('home', 'h')] },
    { emails: [typed('home', 'h'), typed('work', 'b')] },
    { 'emails[type eq "work"].value': ['a', 'b'] },
  ],
  [
    'the whole list where types repeat',
    { emails: [typed('work', 'a'), typed('work', 'b')] },
    { emails: [typed('work', 'a')] },
    {
      emails: [[typed('work', 'a'), typed('work', 'b')], null],
      'emails[type eq "work"].value': [null, 'a'],
    },
  ],
  ['plain values', { tags: ['a'] }, { tags: ['a', 'b'] }, { tags: [['a'], ['a', 'b']] }],
])('differences name %s', (_, before, after, changes) => {
  expect(changesOf(before, after)).toEqual(changes);
});

test('what was only written again is no difference, and what is the same object is not compared', () => {
  const untouched = resource('2', {});
  Object.defineProperty(untouched, 'title', { enumerable: true, get: () => expect(untouched).toBe('not read') });
  const before = new Map([
    ['1', resource('1', { userName: 'ada' })],
    ['2', untouched],
  ]);
  const after = new Map([
    ['1', resource('1', { userName: 'ada' })],
    ['2', untouched],
  ]);
  expect([...differences('User', before, after)]).toEqual([]);
});

test('created, deleted and members', () => {
  const members = (...ids: string[]): Complex => ({ displayName: 'Crew', members: ids.map((value) => ({ value })) });
  const before = new Map([
    ['g1', resource('g1', members('a', 'b'))],
    ['g2', resource('g2', { displayName: 'Old' })],
  ]);
  const after = new Map([
    ['g1', resource('g1', members('b', 'c'))],
    ['g3', resource('g3', { displayName: 'New' })],
  ]);
  const found = [...differences('Group', before, after)];
  const names = new Map([
    ['a', 'ada'],
    ['c', 'cy'],
  ]);
  expect(found.map((one) => differenceText(one, (id) => names.get(id)))).toEqual([
    'changed group Crew (g1): without ada, with cy',
    'created group New (g3): displayName: set "New"',
    'deleted group Old (g2)',
  ]);
  expect(found.map((one) => differenceLine('app', one))[0]).toEqual({
    ...{ type: 'difference', target: 'app', kind: 'changed', resource: 'Group', id: 'g1', name: 'Crew' },
    changes: [
      { path: 'members', from: ['a'], to: null },
      { path: 'members', from: null, to: ['c'] },
    ],
  });
});

test('a manager is shown by name, and many members are counted', () => {
  const change = { path: managerPath, from: 'm1', to: 'm2' };
  const ids = ['1', '2', '3', '4', '5', '6'];
  const found = { kind: 'changed', resourceType: 'User', id: 'u1', name: '', removed: ids, added: [] } as const;
  expect(differenceText({ ...found, changes: [change] }, (id) => (id === 'm2' ? 'bob' : undefined))).toBe(
    'changed user u1: manager.value "m1" → "bob", without 6 members (1, 2, 3, 4, 5, …)',
  );
});
