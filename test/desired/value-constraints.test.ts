import { describe, expect, test } from '@jest/globals';
import { compileConstraints } from '../../src/desired/value-constraints.ts';
import type { Supports } from '../../src/model/profile.ts';
import type { FlatResource } from '../../src/model/resource.ts';
import { profileWith } from '../world/profile.ts';

const work = 'emails[type eq "work"]';
const home = 'emails[type eq "home"]';
const constrain = (supports: Partial<Supports>, body: FlatResource, resourceType: 'User' | 'Group' = 'User') =>
  compileConstraints(resourceType, { ...profileWith().supports, ...supports })(body);

describe('a body within the limits of an application', () => {
  test.each<[string, Partial<Supports>, FlatResource, FlatResource, (readonly string[])?]>([
    ['no limits', {}, { userName: 'Ada' }, { userName: 'Ada' }],
    ['lower case', { values: { userName: { lowerCase: true } } }, { userName: 'Ada' }, { userName: 'ada' }],
    [
      'a value of the maximum length, counted in characters',
      { values: { userName: { maxLength: 3 } } },
      { userName: 'Ad😀' },
      { userName: 'Ad😀' },
    ],
    [
      'one element of two: the primary one',
      { lists: { emails: { maxItems: 1 } } },
      { [`${home}.value`]: 'h', [`${work}.value`]: 'w', [`${work}.primary`]: true },
      { [`${work}.value`]: 'w', [`${work}.primary`]: true },
    ],
    [
      'one element of two: the first',
      { lists: { emails: { maxItems: 1 } } },
      { [`${home}.value`]: 'h', [`${work}.value`]: 'w' },
      { [`${home}.value`]: 'h' },
    ],
    [
      'one element of a whole list',
      { lists: { emails: { maxItems: 1, primary: true } } },
      { emails: [{ value: 'a' }, { value: 'b', primary: true }] },
      { emails: [{ value: 'b', primary: true }] },
    ],
    [
      'plain words',
      { lists: { roles: { plain: true } } },
      { roles: [{ value: 'admin', primary: true }, 'editor'] },
      { roles: ['admin', 'editor'] },
    ],
    [
      'at most one plain word',
      { lists: { roles: { plain: true, maxItems: 1 } } },
      { roles: [{ value: 'admin' }, { value: 'editor' }] },
      { roles: ['admin'] },
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
      'the first element that the mapping marks as primary',
      { lists: { emails: { maxItems: 1, primary: true } } },
      { [`${home}.value`]: 'h', [`${home}.primary`]: true, [`${work}.value`]: 'w', [`${work}.primary`]: true },
      { [`${work}.value`]: 'w', [`${work}.primary`]: true },
      [`${home}.value`, `${work}.value`, `${work}.primary`, `${home}.primary`],
    ],
    [
      'the first of the mapping',
      { lists: { emails: { maxItems: 1 } } },
      { [`${home}.value`]: 'h', [`${work}.value`]: 'w' },
      { [`${work}.value`]: 'w' },
      [`${work}.value`, `${home}.value`],
    ],
    [
      'a primary element where the source marks no element as primary',
      { lists: { emails: { primary: true } } },
      { [`${work}.value`]: 'w', [`${work}.primary`]: false },
      { [`${work}.value`]: 'w', [`${work}.primary`]: true },
    ],
    [
      'only supported sub-attributes',
      { lists: { emails: { subAttributes: ['value'] } } },
      { emails: [{ value: 'a', display: 'A' }] },
      { emails: [{ value: 'a' }] },
    ],
    [
      'all required attributes',
      { requiredAttributes: ['name.givenName', 'emails', `${work}.value`] },
      { 'name.givenName': 'Ada', [`${work}.value`]: 'a' },
      { 'name.givenName': 'Ada', [`${work}.value`]: 'a' },
    ],
  ])('%s', (_, supports, body, expected, order = []) => {
    expect(compileConstraints('User', { ...profileWith().supports, ...supports }, order)(body)).toEqual({
      body: expected,
    });
  });

  test.each<[Partial<Supports>, FlatResource, string]>([
    [
      { values: { userName: { maxLength: 3 } } },
      { userName: 'Adas' },
      'userName "Adas" has more than the 3 characters that this application takes',
    ],
    [
      { values: { displayName: { rejectPattern: '@' } } },
      { displayName: 'a@b' },
      'displayName "a@b" holds what this application refuses (@)',
    ],
    [
      { requiredAttributes: ['name.givenName'] },
      { userName: 'ada' },
      'has no name.givenName, which this application requires',
    ],
    [{ requiredAttributes: ['emails'] }, { userName: 'ada' }, 'has no emails, which this application requires'],
  ])('%j refuses %j', (supports, body, error) => {
    expect(constrain(supports, body)).toEqual({ error });
  });

  test('groups have no limits', () => {
    expect(
      constrain(
        { requiredAttributes: ['userName'], values: { displayName: { maxLength: 1 } } },
        { displayName: 'Team' },
        'Group',
      ),
    ).toEqual({ body: { displayName: 'Team' } });
  });
});
