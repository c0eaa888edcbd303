import { describe, expect, test } from '@jest/globals';
import type { HeldValues } from '../../src/desired/desire.ts';
import { compileTargetMapping, type TargetMappingSpec } from '../../src/desired/target-mapping.ts';
import { sourceKey } from '../../src/model/ids.ts';
import { managerPath } from '../../src/model/path.ts';
import type { Attributes, SourceRecord } from '../../src/model/record.ts';
import type { FlatResource, Json } from '../../src/model/resource.ts';
import { profileWith } from '../world/profile.ts';

const { supports } = profileWith();
const columns = { users: ['login', 'nick', 'cc', 'title'], groups: [] };

const compile = (user: Record<string, Json>, spec: Partial<TargetMappingSpec> = {}) =>
  compileTargetMapping({ mapping: { user: { userName: 'user.login', ...user } }, supports, ...spec }, columns);

const person = (attributes: Attributes): SourceRecord => ({
  resourceType: 'User',
  key: sourceKey('k1'),
  active: true,
  attributes: { login: ['ada'], ...attributes },
});

const bodyOf = (
  user: Record<string, Json>,
  attributes: Attributes,
  held?: HeldValues,
  spec: Partial<TargetMappingSpec> = {},
): FlatResource | string => {
  const desired = compile(user, spec).desire(person(attributes), held);
  return desired.kind === 'present' ? desired.body : desired.kind === 'rejected' ? desired.reason : desired.kind;
};

const account = (body: FlatResource): HeldValues => ({ account: body });

describe('an attribute with a policy', () => {
  test.each<[string, Json, Attributes, HeldValues | undefined, Json | undefined]>([
    ['on create, without an account', { value: 'user.nick', on: 'create' }, { nick: ['A'] }, undefined, 'A'],
    [
      'on create, with an account',
      { value: 'user.nick', on: 'create' },
      { nick: ['A'] },
      account({ nickName: 'B' }),
      'B',
    ],
    ['on create, an account without it', { value: 'user.nick', on: 'create' }, { nick: ['A'] }, account({}), undefined],
    ['on create, blank in the source', { value: 'user.nick', on: 'create' }, {}, account({ nickName: 'B' }), 'B'],
    [
      'on create, a failing expression',
      { value: 'string(int(user.nick))', on: 'create' },
      { nick: ['A'] },
      account({}),
      undefined,
    ],
    ['a constant on create', { value: "'x'", on: 'create', default: "'d'" }, {}, account({ nickName: 'B' }), 'B'],
    ['a default for a missing value', { value: 'user.nick', default: "'d'" }, {}, undefined, 'd'],
    ['a default for a blank value', { value: 'user.nick', default: "'d'" }, { nick: ['  '] }, undefined, 'd'],
    ['a default that is not needed', { value: 'user.nick', default: "'d'" }, { nick: ['A'] }, undefined, 'A'],
    ['a default from the source', { value: 'user.nick', default: 'user.title' }, { title: ['T'] }, undefined, 'T'],
    ['a default that is missing too', { value: 'user.nick', default: 'user.title' }, {}, undefined, undefined],
    ['a default on create', { value: 'user.nick', on: 'create', default: "'d'" }, {}, undefined, 'd'],
  ])('%s', (_what, nickName, attributes, held, expected) => {
    const body = bodyOf({ nickName }, attributes, held);
    expect((body as FlatResource)['nickName']).toEqual(expected);
  });

  test('is a constant without a policy', () => {
    const constant = { value: 'x' };
    expect(bodyOf({ 'urn:x:settings': constant }, {})).toMatchObject({ 'urn:x:settings': constant });
  });

  test('a userName that only a create sets stays, and its account needs none in the source', () => {
    const user = { userName: { value: 'user.login', on: 'create' } };
    expect(bodyOf(user, { login: [] }, account({ userName: 'old' }))).toMatchObject({ userName: 'old' });
    expect(bodyOf(user, { login: [] })).toMatch(/has no userName/);
  });

  test('a value that the application holds need not fit its constraints', () => {
    const spec = { supports: { ...supports, values: { nickName: { maxLength: 2, lowerCase: true } } } };
    const user = { nickName: { value: 'user.nick', on: 'create' } };
    expect(bodyOf(user, { nick: ['ab'] }, account({ nickName: 'ABCDE' }), spec)).toMatchObject({ nickName: 'ABCDE' });
    expect(bodyOf(user, { nick: ['abcde'] }, undefined, spec)).toMatch(/more than the 2 characters/);
  });

  test.each<[string, Record<string, Json>, string]>([
    ['an unknown policy', { nickName: { value: 'user.nick', on: 'update' } }, 'on must be'],
    ['an unknown key', { nickName: { value: 'user.nick', on: 'create', defalt: "'x'" } }, 'did you mean "default"'],
    ['on create of active', { active: { value: 'true', on: 'create' } }, 'follows the source'],
    ['on create of externalId', { externalId: { value: 'user.nick', on: 'create' } }, 'follows the source'],
    ['on create of the manager', { [managerPath]: { value: 'user.nick', on: 'create' } }, 'follows the source'],
    ['a wrong default', { nickName: { value: 'user.nick', default: 'nick' } }, 'nick'],
    ['a table that does not exist', { title: 'tables.cots[user.cc]' }, 'there is no table "cots"'],
  ])('is refused: %s', (_what, user, message) => {
    expect(() => compile(user, { tables: { cost: {} } })).toThrow(message);
  });
});

describe('a table of look-up values', () => {
  const tables = { cost: { '1100': 'Sales', constructor: 'C', list: ['a', 'b'] }, level: { x: 3 } };
  test.each<[string, Json, string, Json | undefined]>([
    ['a key that it has', 'tables.cost[user.cc]', '1100', 'Sales'],
    ['a key that it does not have', 'tables.cost[user.cc]', '9', undefined],
    ['an inherited name', 'tables.cost[user.cc]', 'toString', undefined],
    ['a key called constructor', 'tables.cost[user.cc]', 'constructor', 'C'],
    ['with a default', { value: 'tables.cost[user.cc]', default: "'Other'" }, '9', 'Other'],
    ['a condition', "user.cc in tables.cost ? tables.cost[user.cc] : 'none'", '9', 'none'],
    ['a number', 'tables.level[user.cc]', 'x', '3'],
    ['in a longer expression', "tables.cost[user.cc] + ' team'", '1100', 'Sales team'],
  ])('%s', (_what, title, cc, expected) => {
    const body = bodyOf({ title }, { cc: [cc] }, undefined, { tables });
    expect((body as FlatResource)['title']).toEqual(expected);
  });

  test('decides in a scope', () => {
    const spec = { tables, scope: { users: "tables.cost[user.cc] == 'Sales'" } };
    expect(bodyOf({}, { cc: ['9'] }, undefined, spec)).toBe('absent');
    expect(bodyOf({}, { cc: ['1100'] }, undefined, spec)).toMatchObject({ userName: 'ada' });
  });

  test('changes the fingerprint of the mappings that read one', () => {
    const changed = { ...tables, cost: { '1100': 'Marketing' } };
    const fingerprints = (title: string) =>
      [tables, changed].map((some) => compile({ title }, { tables: some }).fingerprint);
    expect(new Set(fingerprints('tables.cost[user.cc]')).size).toBe(2);
    expect(new Set([...fingerprints('user.title'), compile({ title: 'user.title' }).fingerprint]).size).toBe(1);
  });
});

test('a policy is part of the fingerprint', () => {
  const entries: Json[] = [
    'user.nick',
    { value: 'user.nick', on: 'create' },
    { value: 'user.nick', default: "'x'" },
    { value: 'user.nick', default: "'y'" },
  ];
  expect(new Set(entries.map((nickName) => compile({ nickName }).fingerprint)).size).toBe(entries.length);
});

describe('unique values', () => {
  const list = { value: ['user.login', "user.login + '2'", 'user.nick', 'user.cc'], unique: true };
  const paths = { userName: list };
  const held = (assigned: FlatResource): HeldValues => ({ assigned });

  test.each<[string, Attributes, HeldValues | undefined, object | string]>([
    ['not looked up: the first value', {}, undefined, { userName: 'ada' }],
    ['assigned', {}, held({ userName: 'ada2' }), { userName: 'ada2' }],
    ['assigned before the name changed', { login: ['grace'] }, held({ userName: 'ada2' }), { userName: 'ada2' }],
    ['assigned, and nothing left in the source', { login: [] }, held({ userName: 'ada2' }), { userName: 'ada2' }],
    ['without a value in the source', { login: [] }, held({}), 'has no userName: user.cc is missing'],
    [
      'all in use',
      { nick: ['ADA'], cc: ['x'] },
      held({}),
      'userName: other accounts at the target have all of "ada", "ada2", "x"; add another value to the list',
    ],
  ])('%s', (_, attributes, known, expected) => {
    const actual = bodyOf(paths, attributes, known);
    if (typeof expected === 'string') expect(actual).toBe(expected);
    else expect(actual).toMatchObject(expected);
  });

  test('the values of a record are tried in their order, without blank and equal ones', () => {
    const mapping = compile(paths);
    expect(mapping.uniquePaths('User')).toEqual(['userName']);
    expect(mapping.uniqueCandidates(person({ nick: [' '], cc: ['ADA2'] }))).toEqual(
      new Map([['userName', ['ada', 'ada2']]]),
    );
    expect(mapping.identify(person({}))).toEqual({ externalId: 'k1' });
  });

  test('a message names a few of many values', () => {
    const value = Array.from({ length: 300 }, (_, index) => `user.login + '${index}'`);
    expect(bodyOf({ userName: { value, unique: true } }, {}, held({}))).toBe(
      'userName: other accounts at the target have all of "ada0", "ada1", "ada2", "ada3", "ada4" and 295 more; ' +
        'add another value to the list',
    );
  });
});
