import { describe, expect, test } from '@jest/globals';
import { holdOf } from '../../src/desired/hold.ts';
import type { Holds } from '../../src/model/profile.ts';
import type { Body } from '../../src/model/resource.ts';
import { profileWith } from '../world/profile.ts';

const work = 'emails[type eq "work"]';
const home = 'emails[type eq "home"]';
const hold = (holds: Partial<Holds>, body: Body, kind: 'User' | 'Group' = 'User') =>
  holdOf(kind, { ...profileWith().holds, ...holds })(body);

describe('what an application takes', () => {
  test.each<[string, Partial<Holds>, Body, Body, (readonly string[])?]>([
    ['anything', {}, { userName: 'Ada' }, { userName: 'Ada' }],
    ['lower case', { values: { userName: { lowerCase: true } } }, { userName: 'Ada' }, { userName: 'ada' }],
    [
      'a value just short enough, in characters',
      { values: { userName: { longest: 3 } } },
      { userName: 'Ad😀' },
      { userName: 'Ad😀' },
    ],
    [
      'one element of two: the primary one',
      { lists: { emails: { most: 1 } } },
      { [`${home}.value`]: 'h', [`${work}.value`]: 'w', [`${work}.primary`]: true },
      { [`${work}.value`]: 'w', [`${work}.primary`]: true },
    ],
    [
      'one element of two: the first',
      { lists: { emails: { most: 1 } } },
      { [`${home}.value`]: 'h', [`${work}.value`]: 'w' },
      { [`${home}.value`]: 'h' },
    ],
    [
      'one element of a whole list',
      { lists: { emails: { most: 1, primary: true } } },
      { emails: [{ value: 'a' }, { value: 'b', primary: true }] },
      { emails: [{ value: 'b', primary: true }] },
    ],
    [
      'exactly one primary',
      { lists: { emails: { primary: true } } },
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      { emails: [{ value: 'a', primary: true }, { value: 'b' }] },
    ],
    [
      'exactly one primary of single elements',
      { lists: { emails: { primary: true } } },
      { [`${home}.value`]: 'h', [`${home}.primary`]: true, [`${work}.value`]: 'w', [`${work}.primary`]: true },
      { [`${home}.value`]: 'h', [`${home}.primary`]: true, [`${work}.value`]: 'w' },
    ],
    [
      'the one that the mapping calls primary first',
      { lists: { emails: { most: 1, primary: true } } },
      { [`${home}.value`]: 'h', [`${home}.primary`]: true, [`${work}.value`]: 'w', [`${work}.primary`]: true },
      { [`${work}.value`]: 'w', [`${work}.primary`]: true },
      [`${home}.value`, `${work}.value`, `${work}.primary`, `${home}.primary`],
    ],
    [
      'the first of the mapping',
      { lists: { emails: { most: 1 } } },
      { [`${home}.value`]: 'h', [`${work}.value`]: 'w' },
      { [`${work}.value`]: 'w' },
      [`${work}.value`, `${home}.value`],
    ],
    [
      'a primary one where all are said not to be',
      { lists: { emails: { primary: true } } },
      { [`${work}.value`]: 'w', [`${work}.primary`]: false },
      { [`${work}.value`]: 'w', [`${work}.primary`]: true },
    ],
    [
      'some parts only',
      { lists: { emails: { parts: ['value'] } } },
      { emails: [{ value: 'a', display: 'A' }] },
      { emails: [{ value: 'a' }] },
    ],
    [
      'what is needed',
      { needs: ['name.givenName', 'emails', `${work}.value`] },
      { 'name.givenName': 'Ada', [`${work}.value`]: 'a' },
      { 'name.givenName': 'Ada', [`${work}.value`]: 'a' },
    ],
  ])('%s', (_, holds, body, expected, order = []) => {
    expect(holdOf('User', { ...profileWith().holds, ...holds }, order)(body)).toEqual({ body: expected });
  });

  test.each<[Partial<Holds>, Body, string]>([
    [
      { values: { userName: { longest: 3 } } },
      { userName: 'Adas' },
      'userName "Adas" has more than the 3 characters that this application takes',
    ],
    [
      { values: { displayName: { refuses: '@' } } },
      { displayName: 'a@b' },
      'displayName "a@b" holds what this application refuses (@)',
    ],
    [
      { needs: ['name.givenName'] },
      { userName: 'ada' },
      'has no name.givenName, and this application takes nobody without it',
    ],
    [{ needs: ['emails'] }, { userName: 'ada' }, 'has no emails, and this application takes nobody without it'],
  ])('%j refuses %j', (holds, body, fault) => {
    expect(hold(holds, body)).toEqual({ fault });
  });

  test('groups are as they are', () => {
    expect(
      hold({ needs: ['userName'], values: { displayName: { longest: 1 } } }, { displayName: 'Team' }, 'Group'),
    ).toEqual({ body: { displayName: 'Team' } });
  });
});
