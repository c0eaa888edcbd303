import { describe, expect, test } from '@jest/globals';
import { diffAttributes, isRename } from '../../src/plan/attribute-diff.ts';
import type { Json } from '../../src/model/resource.ts';

const email = 'emails[type eq "work"].value';

const exact = { caseInsensitive: [], ignoresPunctuation: [] };

describe('whether two values differ', () => {
  test.each<[string, Json | undefined, Json | undefined, boolean]>([
    ['the same text', 'a', 'a', false],
    ['another text', 'a', 'b', true],
    ['case', 'Ada', 'ada', true],
    ['surrounding space', 'a', 'a ', true],
    ['no value on both sides', undefined, undefined, false],
    ['null is no value', null, undefined, false],
    ['a new value', undefined, 'a', true],
    ['a removed value', 'a', undefined, true],
    ['false is a value', undefined, false, true],
    ['the empty text is not null', undefined, '', true],
    ['true and false', true, false, true],
    ['a boolean as text', 'True', true, false],
    ['another boolean as text', 'False', true, true],
    ['a number as text', '42', 42, false],
    ['another number as text', '41', 42, true],
    ['zero and false', 0, false, true],
    ['lists have no order', ['a', 'b'], ['b', 'a'], false],
    ['elements of a list can repeat', ['a', 'a', 'b'], ['a', 'b', 'b'], true],
    ['a longer list', ['a'], ['a', 'b'], true],
    ['a shorter list', ['a', 'b'], ['a'], true],
    ['an empty list and a full one', [], ['a'], true],
    ['two empty lists', [], [], false],
    ['a list and its only value', ['a'], 'a', true],
    ['case in a list', ['A'], ['a'], true],
    ['booleans as text in a list', ['true'], [true], false],
    [
      'elements to which the target added sub-attributes',
      [{ value: 'a', type: 'work', display: 'A' }],
      [{ value: 'a', type: 'work' }],
      false,
    ],
    ['elements that lack a desired sub-attribute', [{ value: 'a' }], [{ value: 'a', type: 'work' }], true],
    [
      'elements in another order',
      [{ value: 'a', type: 'work' }, { value: 'b' }],
      [{ value: 'b' }, { value: 'a' }],
      false,
    ],
    [
      'elements that are part of each other',
      [{ value: 'a', type: 'work' }, { value: 'a' }],
      [{ value: 'a' }, { value: 'a', type: 'work' }],
      false,
    ],
    ['two elements where one is known', [{ value: 'a' }], [{ value: 'a' }, { value: 'a' }], true],
    ['plain words that the target shows as objects', [{ value: 'b' }, { value: 'a' }], ['a', 'b'], false],
    ['other plain words', [{ value: 'b' }], ['a'], true],
    ['objects that the target shows as plain words', ['a'], [{ value: 'a' }], false],
    ['members of an object have no order', { a: 1, b: 2 }, { b: 2, a: 1 }, false],
    ['an object with more attributes', { a: 1, b: 2 }, { a: 1 }, true],
    ['an object with fewer attributes', { a: 1 }, { a: 1, b: 2 }, true],
    ['a nested object', { a: { b: ['x', 'y'] } }, { a: { b: ['y', 'x'] } }, false],
    ['an object and a text', { a: 1 }, '[object Object]', true],
    ['a list and its text', ['a', 'b'], 'a,b', true],
  ])('%s', (_, from, to, differ) => {
    const known = from === undefined ? {} : { title: from };
    const desired = to === undefined ? {} : { title: to };
    expect(diffAttributes(known, desired, ['title'], exact)).toEqual(
      differ ? [{ path: 'title', from: from ?? null, to: to ?? null }] : [],
    );
  });

  test.each<[string, Json, Json, readonly string[], number]>([
    ['a path without case', 'Ada@X', 'ada@x', ['title'], 0],
    ['another path without case', 'Ada@X', 'ada@x', ['userName'], 1],
    ['more than case', 'Ada@X', 'ada@y', ['title'], 1],
    ['letters beyond ASCII', 'ÅSA', 'åsa', ['title'], 0],
    ['a list', ['A', 'b'], ['B', 'a'], ['title'], 0],
    ['elements', [{ value: 'A@x' }], [{ value: 'a@X' }], ['title'], 0],
  ])('a target that does not preserve case: %s', (_, from, to, caseInsensitive, count) => {
    expect(diffAttributes({ title: from }, { title: to }, ['title'], { ...exact, caseInsensitive })).toHaveLength(
      count,
    );
  });

  test.each<[string, string, string, number]>([
    ['blanks and punctuation', '+1 (555) 010-20', '+155501020', 0],
    ['another number', '+1 555 010 20', '+1 555 010 21', 1],
    ['letters', '555 ext. A', '555-ext-B', 1],
    ['case, which is preserved', '555 a', '555 A', 1],
  ])('a target that does not preserve punctuation: %s', (_, from, to, count) => {
    expect(
      diffAttributes({ title: from }, { title: to }, ['title'], { ...exact, ignoresPunctuation: ['title'] }),
    ).toHaveLength(count);
  });
});

test.each<[Json, Json, number]>([
  [false, null, 0],
  [null, false, 0],
  ['False', null, 0],
  [true, null, 1],
  [null, true, 1],
])('an element without primary is not primary: %j to %j', (from, to, differences) => {
  const path = 'emails[type eq "home"].primary';
  expect(diffAttributes({ [path]: from }, to === null ? {} : { [path]: to }, [path], exact)).toHaveLength(differences);
});

test('only managed paths are compared, in their order', () => {
  const known = { userName: 'a', title: 'x', nickName: 'n' };
  const desired = { userName: 'b', title: 'y', department: 'd' };
  expect(diffAttributes(known, desired, ['title', 'userName'], exact)).toEqual([
    { path: 'title', from: 'x', to: 'y' },
    { path: 'userName', from: 'a', to: 'b' },
  ]);
  expect(diffAttributes(known, desired, [], exact)).toEqual([]);
});

test('a managed path in doubt is sent again without a difference', () => {
  expect(diffAttributes({ title: 'x' }, { title: 'x' }, ['userName', 'title'], exact, ['title', 'nickName'])).toEqual([
    { path: 'title', from: 'x', to: 'x' },
  ]);
});

test.each<[string, Json, Json, boolean]>([
  ['userName', 'a', 'b', true],
  ['userName', 'a', 'a', false],
  ['userName', null, 'b', false],
  ['userName', 'a', null, true],
  [email, 'a@x', null, true],
  ['active', true, false, true],
  ['active', null, true, false],
  ['displayName', 'a', 'b', false],
  ['name.familyName', 'a', 'b', false],
  [email, 'a@x', 'b@x', true],
  [email, null, 'b@x', false],
  ['emails', [{ value: 'a@x' }], [{ value: 'b@x' }], true],
  ['emails[type eq "home"]', 'a@x', 'b@x', true],
  ['emails[type eq "work"].display', 'A', 'B', false],
  ['emails[type eq "work"].primary', true, false, false],
  ['urn:example:2.0:User:userName', 'a', 'b', false],
  ['userName', 'ada', 'Ada', false],
  ['emails[type eq "work"].value', 'Ada@x', 'ada@x', false],
  ['emails', [{ value: 'Ada@x' }], [{ value: 'ada@x' }], false],
])('%s from %j to %j: a rename is %s', (path, from, to, expected) => {
  expect(isRename('User', { path, from, to })).toBe(expected);
});

test.each<[string, Json, Json, boolean]>([
  ['displayName', 'a', 'b', true],
  ['displayName', 'a', 'A', false],
  ['displayName', null, 'b', false],
  ['externalId', 'a', 'b', false],
])('%s of a group from %j to %j: a rename is %s', (path, from, to, expected) => {
  expect(isRename('Group', { path, from, to })).toBe(expected);
});

test('the path of a complete attribute covers all of its elements', () => {
  expect(
    diffAttributes({ [email]: 'A@x' }, { [email]: 'a@x' }, [email], { ...exact, caseInsensitive: ['Emails'] }),
  ).toEqual([]);
  expect(
    diffAttributes({ [email]: 'A@x' }, { [email]: 'a@x' }, [email], { ...exact, caseInsensitive: ['phoneNumbers'] }),
  ).toHaveLength(1);
});
