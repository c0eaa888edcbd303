import { describe, expect, test } from '@jest/globals';
import { entriesFromColumns } from '../../src/desired/default-mapping.ts';
import { recordContext } from '../../src/desired/expression-context.ts';
import { applyMapping, compileMapping } from '../../src/desired/mapping.ts';
import { sourceKey } from '../../src/model/ids.ts';
import { enterpriseUserSchema, managerPath } from '../../src/model/path.ts';
import type { Attributes, SourceRecord } from '../../src/model/record.ts';
import type { FlatResource, Json } from '../../src/model/resource.ts';

type Written = Record<string, Json>;

const person = (attributes: Attributes): SourceRecord => ({
  resourceType: 'User',
  key: sourceKey('e1'),
  active: true,
  attributes,
});
const ada = person({
  mail: ['ada@x.example', 'lovelace@x.example'],
  given: ['Ada'],
  boss: ['e0'],
  teams: ['b', 'a'],
  yes: ['Yes'],
});

function apply(
  written: Written,
  record = ada,
  columns: readonly string[] = [],
): { body: FlatResource } | { error: string } {
  const { mapping, issues } = compileMapping('User', written, entriesFromColumns('User', columns));
  expect(issues).toEqual([]);
  return applyMapping(mapping, record, recordContext(record.resourceType, record.attributes));
}

const work = 'emails[type eq "work"]';
const home = 'emails[type eq "home"]';

describe('a mapping makes a body', () => {
  const withoutDefaults = { externalId: null, active: null };
  test.each<[string, Written, FlatResource]>([
    ['expressions', { username: 'user.mail', title: "user.given + '!'" }, { userName: 'ada@x.example', title: 'Ada!' }],
    [
      'constants',
      { userType: "'Employee'", active: true, roles: ['admin'] },
      { userType: 'Employee', active: true, roles: [{ value: 'admin' }] },
    ],
    ['absent attributes', { title: 'user.title', nickName: 'user.given' }, { nickName: 'Ada' }],
    [
      'lists',
      { emails: 'values.mail' },
      { emails: [{ value: 'ada@x.example', primary: true }, { value: 'lovelace@x.example' }] },
    ],
    [
      'lists of objects',
      { emails: 'values.mail.map(m, {"value": m, "type": "work"})' },
      {
        emails: [
          { value: 'ada@x.example', type: 'work' },
          { value: 'lovelace@x.example', type: 'work' },
        ],
      },
    ],
    ['lists outside the RFC', { 'urn:acme:1.0:User:teams': 'values.teams' }, { 'urn:acme:1.0:User:teams': ['b', 'a'] }],
    ['references', { manager: 'user.boss' }, { [managerPath]: 'e0' }],
    [
      'extensions',
      { [`${enterpriseUserSchema.toUpperCase()}:DEPARTMENT`]: 'user.given' },
      { [`${enterpriseUserSchema}:department`]: 'Ada' },
    ],
    [
      'elements',
      { [`${work}.value`]: 'user.mail', [`${work}.primary`]: true },
      { [`${work}.value`]: 'ada@x.example', [`${work}.primary`]: true },
    ],
    [
      'no element of constants alone',
      { [`${home}.value`]: 'user.home', [`${home}.primary`]: true, [`${home}.display`]: 'user.given' },
      {},
    ],
    [
      'an element by any varying part',
      { 'addresses[type eq "work"].country': "'GB'", 'addresses[type eq "work"].locality': 'user.city' },
      { 'addresses[type eq "work"].country': 'GB' },
    ],
    [
      'no element without a varying part',
      { 'addresses[type eq "work"].primary': true, 'addresses[type eq "work"].locality': 'user.city' },
      {},
    ],
    [
      'an element that is constant on purpose',
      { 'roles[type eq "app"].value': "'reader'", 'roles[type eq "app"].primary': true },
      { 'roles[type eq "app"].value': 'reader', 'roles[type eq "app"].primary': true },
    ],
  ])('%s', (_, written, body) => expect(apply({ ...withoutDefaults, ...written })).toEqual({ body }));

  test('in the order of the paths, however it was written', () => {
    const one = apply({ title: 'user.given', userName: 'user.mail' });
    const other = apply({ userName: 'user.mail', title: 'user.given' });
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  test.each<[string, Written, string]>([
    ['a text that is no boolean', { active: 'user.yes' }, 'active must be true or false, and is "Yes"'],
    [
      'a failing expression',
      { title: 'string(int(user.given))' },
      'title cannot be computed: int() type error: cannot convert to int',
    ],
    [
      'a list for one value',
      { title: 'dyn(values.mail)' },
      'title takes a single value, not ["ada@x.example","lovelace@x.example"]',
    ],
  ])('or an error: %s', (_, written, error) => expect(apply(written)).toEqual({ error }));
});

describe('defaults', () => {
  const columns = [
    'id',
    'UserName',
    'name',
    'name.familyName',
    'emails',
    'department',
    'Manager',
    'password',
    'active',
    'groups',
    'First Name',
    'shoeSize',
    'phoneNumbers[type eq "work"].value',
    'addresses',
    'urn:acme:1.0:User:badge',
  ];
  const record = person(Object.fromEntries(columns.map((name) => [name, [`the ${name}`]])));
  const plain = {
    externalId: 'e1',
    active: true,
    userName: 'the UserName',
    'name.familyName': 'the name.familyName',
    emails: [{ value: 'the emails', primary: true }],
    [`${enterpriseUserSchema}:department`]: 'the department',
    [managerPath]: 'the Manager',
    'phoneNumbers[type eq "work"].value': 'the phoneNumbers[type eq "work"].value',
    'urn:acme:1.0:User:badge': 'the urn:acme:1.0:User:badge',
  };
  const without = (...paths: readonly string[]): FlatResource =>
    Object.fromEntries(Object.entries(plain).filter(([path]) => !paths.includes(path)));

  test('a column whose header is a SCIM path maps itself', () =>
    expect(apply({}, record, columns)).toEqual({ body: plain }));
  test('null removes a default', () =>
    expect(apply({ department: null, phonenumbers: null }, record, columns)).toEqual({
      body: without(`${enterpriseUserSchema}:department`, 'phoneNumbers[type eq "work"].value'),
    }));
  test('what is written replaces a default', () =>
    expect(apply({ USERNAME: 'user.emails' }, record, columns)).toEqual({
      body: { ...plain, userName: 'the emails' },
    }));
  test('also one that it overlaps', () =>
    expect(apply({ [`${work}.value`]: 'user.emails' }, record, columns)).toEqual({
      body: { ...without('emails'), [`${work}.value`]: 'the emails' },
    }));
  test('a column externalId is the externalId', () =>
    expect(apply({}, person({ externalId: ['x'] }), ['externalId'])).toEqual({
      body: { externalId: 'x', active: true },
    }));
  test('the first of two columns for one path counts', () =>
    expect(apply({}, person({ username: ['a'], userName: ['b'] }), ['username', 'userName'])).toMatchObject({
      body: { userName: 'a' },
    }));

  test.each<[readonly string[], Attributes, FlatResource]>([
    [['displayName', 'name'], { displayName: ['D'], name: ['N'] }, { externalId: 'g1', displayName: 'D' }],
    [['cn', 'Name'], { cn: ['C'], Name: ['N'] }, { externalId: 'g1', displayName: 'N' }],
    [['cn'], { cn: ['C'] }, { externalId: 'g1', displayName: 'C' }],
    [['team'], { team: ['T'] }, { externalId: 'g1', displayName: 'g1' }],
    [['name'], {}, { externalId: 'g1' }],
  ])('a group with columns %j', (names, attributes, body) => {
    const { mapping } = compileMapping('Group', {}, entriesFromColumns('Group', names));
    const group: SourceRecord = { resourceType: 'Group', key: sourceKey('g1'), active: true, attributes };
    expect(applyMapping(mapping, group, recordContext('Group', attributes))).toEqual({ body });
  });
});

describe('every error is reported with its path', () => {
  const issuesOf = (written: Written): readonly string[] =>
    compileMapping('User', written, []).issues.map(({ at, code }) => `${at} ${code}`);

  test.each<[Written, string]>([
    [{ userName: 'user.' }, 'userName config.expression'],
    [{ 'first name': 'user.given' }, 'first name config.attributePath'],
    [{ 'emails.value': 'user.mail' }, 'emails.value config.attributeStructure'],
    [{ id: 'user.a' }, 'id config.attributeReadOnly'],
    [{ userName: 'user.a', USERNAME: 'user.b' }, 'USERNAME config.attributeDuplicate'],
    [{ emails: 'values.mail', [`${work}.value`]: 'user.mail' }, `${work}.value config.attributeDuplicate`],
    [{ userName: 'values.mail' }, 'userName config.expression'],
    [{ title: '{"a": user.b}' }, 'title config.expression'],
    [{ active: 'size(user.a)' }, 'active config.expression'],
    [{ name: 'user.a' }, 'name config.expression'],
    [{ active: 1 }, 'active config.wrongType'],
    [{ roles: [] }, 'roles config.empty'],
  ])('%j', (written, issue) => expect(issuesOf(written)).toEqual([issue]));

  test('together with all others', () => {
    expect(issuesOf({ userName: 'user.', title: '1 +', id: 'user.a', nickName: 'user.a' })).toEqual([
      'userName config.expression',
      'title config.expression',
      'id config.attributeReadOnly',
    ]);
  });

  test('a list or a map for a single value is described with what to write instead', () => {
    const { issues } = compileMapping('User', { userName: 'values.mail', name: 'user.a' }, []);
    expect(issues.map(({ message }) => message)).toEqual([
      'userName takes a single value, and this expression gives a list; ' +
        'write user.NAME for the first of values.NAME, or join them',
      'name has sub-attributes; map them one by one, as in name.givenName',
    ]);
  });
});
