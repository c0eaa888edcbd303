import { describe, expect, test } from '@jest/globals';
import type { FlatResource } from '../../../src/model/resource.ts';
import { notShownIn } from '../../../src/scim/judge/judge-whole-read.ts';
import { memberRefs } from '../fixtures.ts';

const group = (...keys: string[]) => ({ id: 'g', members: keys.map((key) => ({ value: `id-${key}` })) });

describe('members', () => {
  test.each<[string, object, readonly string[], readonly string[]]>([
    ['all known members, and others', group('a', 'b', 'x'), ['a', 'b'], []],
    ['no known member is expected', { id: 'g' }, [], []],
    ['members missing', { id: 'g' }, ['a'], ['a']],
    ['an empty list', group(), ['a', 'b'], ['a', 'b']],
    ['a list that ends early', group('a'), ['a', 'b'], ['b']],
    ['members as plain ids', { id: 'g', members: ['id-a'] }, ['a'], []],
  ])('%s', (_, resource, known, missing) => {
    const hidden = notShownIn(resource, { members: memberRefs(...known) });
    expect(hidden.flatMap(({ members }) => members.map(({ id }) => id))).toEqual(missing.map((key) => `id-${key}`));
    expect(hidden.map(({ attribute }) => attribute)).toEqual(missing.length === 0 ? [] : ['members']);
  });
});

describe('attributes of a user', () => {
  const work = 'emails[type eq "work"].value';
  const home = 'emails[type eq "home"].value';
  const ext = 'urn:x:ext:2.0:User';
  const roles = 'urn:x:ext:2.0:User:roles';
  test.each<[string, object, FlatResource, Readonly<Record<string, readonly string[]>>]>([
    ['an element with its type', { emails: [{ type: 'Work', value: 'a@x' }] }, { [work]: 'a@x' }, {}],
    ['an element without its type', { emails: [{ value: 'A@x' }] }, { [work]: 'a@x' }, {}],
    [
      'an element with a value that was changed by hand',
      { emails: [{ type: 'work', value: 'b@x' }] },
      { [work]: 'a@x' },
      {},
    ],
    [
      'a list that ends early',
      { emails: [{ type: 'work', value: 'a@x' }] },
      { [work]: 'a@x', [home]: 'h@x' },
      { emails: [home] },
    ],
    ['no list', { userName: 'a' }, { [work]: 'a@x' }, { emails: [work] }],
    ['a whole list', { [ext]: { roles: ['r1', 'r2', 'r3'] } }, { [roles]: ['r1', 'r2'] }, {}],
    ['a whole list that ends early', { [ext]: { roles: ['r1'] } }, { [roles]: ['r1', 'r2'] }, { [roles]: [roles] }],
    ['a single value', { userName: 'a' }, { title: 'Nurse', 'name.givenName': 'Ada' }, {}],
    ['a blank value', {}, { [work]: '', [roles]: [] }, {}],
  ])('%s', (_, resource, body, hidden) => {
    const found = notShownIn({ id: 'u', ...resource }, { body });
    expect(Object.fromEntries(found.map(({ attribute, paths }) => [attribute, paths]))).toEqual(hidden);
  });
});
