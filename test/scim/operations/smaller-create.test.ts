import { expect, test } from '@jest/globals';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import { smallerCreates } from '../../../src/scim/operations/smaller-create.ts';

const user = { userName: 'ada', externalId: '1', active: true, displayName: 'Ada', title: 'x', nickName: 'a' };
const without = (body: object, ...paths: string[]): object =>
  Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));

test.each<[string, ResourceType, object, string[], boolean, object[]]>([
  [
    'no attribute is named',
    'User',
    user,
    [],
    true,
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
    'one is named',
    'User',
    user,
    ['title'],
    true,
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
    false,
    [{ body: without(user, 'externalId'), refused: ['externalId'], unresolved: [] }],
  ],
  [
    'userName and active are never omitted',
    'User',
    { userName: 'ada', active: true },
    ['userName', 'active'],
    true,
    [],
  ],
  [
    'a group keeps its name',
    'Group',
    { displayName: 'eng', externalId: '1' },
    [],
    true,
    [{ body: { displayName: 'eng' }, refused: [], unresolved: ['externalId'] }],
  ],
])('%s', (_, resourceType, body, named, mayGuess, expected) => {
  expect(smallerCreates({ resourceType, body: body as never }, named, mayGuess)).toEqual(expected);
});
