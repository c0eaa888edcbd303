import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coreGroupSchema, coreUserSchema, enterpriseUserSchema, managerPath } from '../../src/model/path.ts';
import type { FlatResource, Json } from '../../src/model/resource.ts';
import { isBlank, getIgnoringCase, fromScimJson, toScimJson } from '../../src/model/scim-json.ts';

const work = 'emails[type eq "work"].value';
const home = 'emails[type eq "home"].value';

describe('toScimJson', () => {
  test.each<[string, FlatResource, object]>([
    ['core attributes', { userName: 'ada', active: true }, { userName: 'ada', active: true }],
    [
      'sub-attributes',
      { 'name.givenName': 'Ada', 'name.familyName': 'L' },
      { name: { givenName: 'Ada', familyName: 'L' } },
    ],
    [
      'elements',
      { [work]: 'a@x', [home]: 'a@y' },
      {
        emails: [
          { type: 'work', value: 'a@x' },
          { type: 'home', value: 'a@y' },
        ],
      },
    ],
    [
      'one element',
      { [work]: 'a@x', 'emails[type eq "work"].primary': true },
      { emails: [{ type: 'work', value: 'a@x', primary: true }] },
    ],
    ['lists', { emails: [{ value: 'a@x' }] }, { emails: [{ value: 'a@x' }] }],
    ['inherited names', { 'constructor.x': 1, valueOf: 2 }, { constructor: { x: 1 }, valueOf: 2 }],
  ])('%s', (_, body, resource) => expect(toScimJson('User', body)).toEqual({ schemas: [coreUserSchema], ...resource }));

  test('names the schemas of extensions', () => {
    expect(
      toScimJson('User', { userName: 'ada', [managerPath]: '42', [`${enterpriseUserSchema}:department`]: 'R&D' }),
    ).toEqual({
      schemas: [coreUserSchema, enterpriseUserSchema],
      userName: 'ada',
      [enterpriseUserSchema]: { manager: { value: '42' }, department: 'R&D' },
    });
    expect(toScimJson('Group', { displayName: 'x' })).toEqual({ schemas: [coreGroupSchema], displayName: 'x' });
  });

  test('leaves the body as it is, also where a list and one of its elements are both given', () => {
    const body = { emails: [{ value: 'a@y', type: 'home' }], [work]: 'a@x', [home]: 'b@y' };
    const before = structuredClone(body);
    expect(toScimJson('User', body)).toMatchObject({
      emails: [
        { value: 'b@y', type: 'home' },
        { value: 'a@x', type: 'work' },
      ],
    });
    expect(body).toEqual(before);
  });
});

describe('fromScimJson', () => {
  const resource = {
    USERNAME: 'ada',
    name: { GivenName: 'Ada', familyName: '' },
    emails: [
      { type: 'home', value: 'a@y' },
      { Type: 'WORK', Value: 'a@x', primary: true },
    ],
    title: null,
    roles: [],
    active: false,
    [enterpriseUserSchema.toLowerCase()]: { manager: '42' },
  };
  test.each<[string, Json | undefined]>([
    ['userName', 'ada'],
    ['name.givenName', 'Ada'],
    ['name.familyName', undefined],
    [work, 'a@x'],
    ['emails[primary eq true].value', 'a@x'],
    ['emails[type eq "other"].value', undefined],
    ['title', undefined],
    ['roles', undefined],
    ['active', false],
    [managerPath, '42'],
    ['constructor', undefined],
  ])('%s', (path, value) =>
    expect(fromScimJson(resource, [path])).toEqual(value === undefined ? {} : { [path]: value }),
  );

  test.each<[string, object, string]>([
    ['externalId', { external_id: '7' }, '7'],
    ['name.givenName', { name: { given_name: 'Ada' } }, 'Ada'],
    ['name.givenName', { 'name.givenName': 'Ada' }, 'Ada'],
    ['name.givenName', { NAME: { givenName: 'Ada' }, 'name.givenName': 'Eva' }, 'Ada'],
    [work, { emails: [{ type: 'work', VALUE: 'a@x' }] }, 'a@x'],
  ])('%s in %j', (path, shown, value) => expect(fromScimJson(shown, [path])).toEqual({ [path]: value }));

  test('of what is no resource is empty', () => {
    for (const nothing of [null, undefined, 'text', 5, []])
      expect(fromScimJson(nothing, ['userName', work])).toEqual({});
  });
});

test('what a body was made into reads back as that body', () => {
  const text = fc.string({ minLength: 1 });
  const list = fc.array(fc.record({ value: text, primary: fc.boolean() }), { minLength: 1, maxLength: 3 });
  const body = fc.record(
    {
      userName: text,
      active: fc.boolean(),
      'name.givenName': text,
      [work]: text,
      [home]: text,
      phoneNumbers: list,
      [managerPath]: text,
    },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(body, (it) => expect(fromScimJson(toScimJson('User', it), Object.keys(it))).toEqual(it)));
});

test.each<[unknown, boolean]>([
  [undefined, true],
  [null, true],
  ['', true],
  [[], true],
  [false, false],
  [0, false],
  [{}, false],
  ['x', false],
])('isBlank(%j)', (value, blank) => {
  expect(isBlank(value)).toBe(blank);
});

test('getIgnoringCase prefers the exact name', () => {
  expect(getIgnoringCase({ USERNAME: 1, userName: 2 }, 'userName')).toBe(2);
});
