import { expect, test } from '@jest/globals';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import { smallerCreates } from '../../../src/scim/operations/smaller-create.ts';

const user = { userName: 'ada', externalId: '1', active: true, displayName: 'Ada', title: 'x', nickName: 'a' };
const without = (body: object, ...paths: string[]): object =>
  Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));

test.each<[string, ResourceType, object, string[], 'none' | 'identity' | 'all', object[]]>([
  [
    'no attribute is named',
    'User',
    user,
    [],
    'all',
    [
      { body: without(user, 'title', 'nickName'), refused: [], unresolved: ['title', 'nickName'] },
      {
        body: without(user, 'title', 'nickName', 'displayName'),
        refused: [],
        unresolved: ['displayName', 'title', 'nickName'],
      },
    ],
  ],
  [
    'a conflict: the identity alone',
    'User',
    user,
    [],
    'identity',
    [
      {
        body: without(user, 'title', 'nickName', 'displayName'),
        refused: [],
        unresolved: ['displayName', 'title', 'nickName'],
      },
    ],
  ],
  [
    'one is named',
    'User',
    user,
    ['title'],
    'all',
    [
      { body: without(user, 'title'), refused: ['title'], unresolved: [] },
      { body: without(user, 'title', 'nickName'), refused: ['title'], unresolved: ['nickName'] },
      {
        body: without(user, 'title', 'nickName', 'displayName'),
        refused: ['title'],
        unresolved: ['displayName', 'nickName'],
      },
    ],
  ],
  [
    'only what is named, without a guess',
    'User',
    user,
    ['externalId'],
    'none',
    [{ body: without(user, 'externalId'), refused: ['externalId'], unresolved: [] }],
  ],
  [
    'userName and active are never omitted',
    'User',
    { userName: 'ada', active: true },
    ['userName', 'active'],
    'all',
    [],
  ],
  [
    'a group keeps its name',
    'Group',
    { displayName: 'eng', externalId: '1' },
    [],
    'all',
    [{ body: { displayName: 'eng' }, refused: [], unresolved: ['externalId'] }],
  ],
])('%s', (_, resourceType, body, named, guess, expected) => {
  expect(smallerCreates({ resourceType, body: body as never }, named, guess)).toEqual(expected);
});
