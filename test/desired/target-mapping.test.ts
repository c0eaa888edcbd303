import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compileTargetMapping,
  MappingError,
  type ColumnNames,
  type TargetMapping,
  type TargetMappingSpec,
} from '../../src/desired/target-mapping.ts';
import { sourceKey } from '../../src/model/ids.ts';
import { enterpriseUserSchema, managerPath } from '../../src/model/path.ts';
import type { Attributes, SourceRecord } from '../../src/model/record.ts';
import type { DesiredState } from '../../src/model/resource.ts';
import { profileWith } from '../world/profile.ts';

const { supports } = profileWith();
const columns: ColumnNames = {
  users: ['number', 'mail', 'given', 'sn', 'department', 'title', 'boss', 'status'],
  groups: ['cn'],
};
const work = 'emails[type eq "work"]';

const sample: TargetMappingSpec = {
  scope: { users: "user.department != 'Contractors'", groups: "group.cn.startsWith('app-')" },
  mapping: {
    user: {
      userName: 'user.mail.lowerAscii()',
      displayName: "user.given + ' ' + user.sn",
      'name.givenName': 'user.given',
      'name.familyName': 'user.sn',
      [`${work}.value`]: 'user.mail',
      [`${work}.primary`]: true,
      title: 'user.title',
      [`${enterpriseUserSchema}:department`]: 'user.department',
      [`${enterpriseUserSchema}:manager`]: 'user.boss',
    },
    group: { displayName: 'group.cn' },
  },
  protect: "scim.userName.startsWith('breakglass')",
  supports,
};

const person = (attributes: Attributes, active = true): SourceRecord => ({
  resourceType: 'User',
  key: sourceKey('e1'),
  active,
  attributes,
});
const group = (attributes: Attributes): SourceRecord => ({
  resourceType: 'Group',
  key: sourceKey('g1'),
  active: true,
  attributes,
});
const ada = { mail: ['Ada@X.example'], given: ['Ada'], sn: ['Lovelace'], department: ['R&D'], boss: ['e0'] };

const present = expect.objectContaining({ kind: 'present' }) as unknown as DesiredState;
const absent = (reason: 'inactive' | 'outOfScope'): DesiredState => ({ kind: 'absent', reason });
const rejected = (reason: string): DesiredState => ({ kind: 'rejected', reason });

describe('which records are present', () => {
  const user = { userName: 'user.mail' };
  test.each<[string, Partial<TargetMappingSpec>, SourceRecord, DesiredState]>([
    ['in scope', { scope: sample.scope }, person(ada), present],
    ['no scope', {}, person({ mail: ['a'] }), present],
    ['out of scope', { scope: sample.scope }, person({ ...ada, department: ['Contractors'] }), absent('outOfScope')],
    ['scope reads a missing attribute', { scope: sample.scope }, person({ mail: ['a'] }), absent('outOfScope')],
    [
      'scope fails',
      { scope: { users: 'int(user.given) > 1' } },
      person(ada),
      rejected('scope cannot be decided: int() type error: cannot convert to int'),
    ],
    [
      'scope returns a string',
      { scope: { users: 'dyn(user.given)' } },
      person(ada),
      rejected('scope cannot be decided: it gives "Ada", not true or false'),
    ],
    ['inactive', {}, person(ada, false), absent('inactive')],
    ['inactive and out of scope', { scope: { users: 'false' } }, person(ada, false), absent('inactive')],
    ['inactive and without a name', {}, person({}, false), absent('inactive')],
    [
      'mapped active is false',
      { mapping: { user: { ...user, active: "user.status == 'A'" } } },
      person({ ...ada, status: ['T'] }),
      absent('inactive'),
    ],
    [
      'mapped active is "False"',
      { mapping: { user: { ...user, active: 'user.status' } } },
      person({ ...ada, status: ['False'] }),
      absent('inactive'),
    ],
    [
      'mapped active is missing',
      { mapping: { user: { ...user, active: "user.status == 'A'" } } },
      person(ada),
      rejected('active cannot be decided: user.status is missing'),
    ],
    [
      'mapped active is no boolean',
      { mapping: { user: { ...user, active: 'user.status' } } },
      person({ ...ada, status: ['on'] }),
      rejected('active must be true or false, and is "on"'),
    ],
    [
      'active undecided but out of scope',
      { scope: { users: 'false' }, mapping: { user: { ...user, active: 'user.status' } } },
      person(ada),
      absent('outOfScope'),
    ],
    [
      'active mapped to false and dropped',
      {
        supports: { ...supports, unsupportedAttributes: ['active'] },
        mapping: { user: { ...user, active: 'user.status' } },
      },
      person({ ...ada, status: ['false'] }),
      absent('inactive'),
    ],
    ['no userName', {}, person({ mail: [] }), rejected('has no userName: user.mail is missing')],
    [
      'blank userName',
      { mapping: { user: { userName: "' '" } } },
      person(ada),
      rejected('has no userName: its value is blank'),
    ],
    [
      'group in scope',
      { scope: sample.scope },
      group({ cn: ['app-x'] }),
      { kind: 'present', body: { displayName: 'app-x', externalId: 'g1' } },
    ],
    ['group out of scope', { scope: sample.scope }, group({ cn: ['x'] }), absent('outOfScope')],
    [
      'group at an application without displayName of users',
      { supports: { ...supports, unsupportedAttributes: ['displayName', 'externalId'] } },
      group({ cn: ['app-x'] }),
      { kind: 'present', body: { displayName: 'app-x' } },
    ],
    ['group without a name', {}, group({}), rejected('has no displayName: group.cn is missing')],
    [
      'group at an application without groups',
      { supports: { ...supports, groups: false } },
      group({ cn: ['app-x'] }),
      absent('outOfScope'),
    ],
  ])('%s', (_, spec, record, desired) =>
    expect(compileTargetMapping({ mapping: { user }, supports, ...spec }, columns).desire(record)).toEqual(desired),
  );
});

describe('the sample', () => {
  const targetMapping = compileTargetMapping(sample, columns);

  // A change of the fingerprint evaluates every record again, and a change of the body updates every account.
  // If the change is intended, raise `version` in target-mapping.ts.
  test('has a stable fingerprint', () =>
    expect(targetMapping.fingerprint).toBe('9fc733436ec41cb1faa1333a49ede0cc4409ee263e1398aee269483a81e18e0a'));
  test('has a stable body, to the byte', () => {
    const desired = targetMapping.desire(person(ada));
    expect(JSON.stringify(desired.kind === 'present' ? desired.body : desired)).toBe(
      [
        '{"active":true,"displayName":"Ada Lovelace"',
        '"emails[type eq \\"work\\"].primary":true',
        '"emails[type eq \\"work\\"].value":"Ada@X.example"',
        '"externalId":"e1","name.familyName":"Lovelace","name.givenName":"Ada"',
        '"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R&D"',
        '"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value":"e0"',
        '"userName":"ada@x.example"}',
      ].join(','),
    );
  });

  test('lists the managed paths in mapping order', () => {
    expect(targetMapping.paths('User')).toEqual([
      'externalId',
      'active',
      'userName',
      'displayName',
      'name.givenName',
      'name.familyName',
      `${work}.value`,
      `${work}.primary`,
      'title',
      `${enterpriseUserSchema}:department`,
      managerPath,
    ]);
    expect(targetMapping.paths('Group')).toEqual(['externalId', 'displayName']);
  });

  test('names the attributes that it reads', () => {
    expect([...(targetMapping.usedAttributes.users ?? [])].sort()).toEqual([
      'boss',
      'department',
      'given',
      'mail',
      'sn',
      'title',
    ]);
    expect([...(targetMapping.usedAttributes.groups ?? [])]).toEqual(['cn']);
  });

  test('explains', () => {
    const explanation = targetMapping.explain(person({ mail: ['ada@x.example'], given: ['Ada'] }));
    expect(explanation.desired).toEqual(absent('outOfScope'));
    expect(explanation.scope).toEqual({ inScope: false, reason: 'scope is false: user.department is missing' });
    expect(explanation.paths).toContainEqual({
      path: 'userName',
      source: 'user.mail.lowerAscii()',
      origin: 'mapping',
      value: 'ada@x.example',
    });
    expect(explanation.paths).toContainEqual({
      path: 'externalId',
      source: 'the key in the source',
      origin: 'default',
      value: 'e1',
    });
    expect(explanation.paths).toContainEqual({
      path: 'displayName',
      source: "user.given + ' ' + user.sn",
      origin: 'mapping',
      absenceReason: 'user.sn is missing',
    });
    const withoutMail = targetMapping.explain(person({ department: ['R&D'] }));
    expect(withoutMail.desired).toEqual(rejected('has no userName: user.mail is missing'));
    expect(withoutMail.scope).toEqual({ inScope: true, reason: "scope is true: user.department != 'Contractors'" });
    expect(withoutMail.paths).toContainEqual({
      path: `${work}.primary`,
      source: 'true',
      origin: 'mapping',
      absenceReason: 'the element that it belongs to has no value',
    });
  });
});

describe('protect', () => {
  const protects = (protect: string | undefined, body: Record<string, string>): boolean | undefined =>
    compileTargetMapping({ ...sample, protect }, columns).isProtected(body);
  test.each<[string | undefined, Record<string, string>, boolean | undefined]>([
    [sample.protect, { userName: 'breakglass-1' }, true],
    [sample.protect, { userName: 'ada' }, false],
    [sample.protect, { displayName: 'x' }, false],
    [undefined, { userName: 'breakglass-1' }, false],
    ["scim.emails.exists(e, e.type == 'work' && e.value == 'a@x')", { [`${work}.value`]: 'a@x' }, true],
    ["scim.displayName == 'Admins' || scim.userName == 'root'", { displayName: 'Admins' }, true],
    [`scim["${enterpriseUserSchema}"].department == 'IT'`, { [`${enterpriseUserSchema}:department`]: 'IT' }, true],
    ['int(scim.userName) > 1', { userName: 'ada' }, undefined],
  ])('%s of %j', (protect, body, expected) => expect(protects(protect, body)).toBe(expected));
});

describe('attributes that the application does not support', () => {
  test.each<[string, readonly string[]]>([
    ['title', ['title']],
    ['EMAILS', [`${work}.value`, `${work}.primary`]],
    ['emails[type eq "work"].primary', [`${work}.primary`]],
    ['name', ['name.givenName', 'name.familyName']],
    ['manager', [managerPath]],
    [enterpriseUserSchema, [`${enterpriseUserSchema}:department`, managerPath]],
    ['groups', []],
  ])('%s', (drop, dropped) => {
    const targetMapping = compileTargetMapping(
      { ...sample, supports: { ...supports, unsupportedAttributes: [drop] } },
      columns,
    );
    expect(
      compileTargetMapping(sample, columns)
        .paths('User')
        .filter((path) => !targetMapping.paths('User').includes(path)),
    ).toEqual(dropped);
    expect(targetMapping.notes).toEqual(
      dropped.map((path) => `mapping.user.${path}: the application does not keep it, so it is not sent`),
    );
  });
});

describe('notes', () => {
  const notesOf = (user: Record<string, string>): readonly string[] =>
    compileTargetMapping({ mapping: { user: { userName: 'user.mail', ...user } }, supports }, columns).notes;
  test('on attributes that no column has', () =>
    expect(notesOf({ title: 'user.tilte' })).toEqual([
      'mapping.user.title: reads user.tilte, and the source has no such attribute',
    ]));
  test('on paths that RFC 7643 does not have', () =>
    expect(notesOf({ tilte: 'user.title' })).toEqual([
      'mapping.user.tilte: RFC 7643 has no attribute tilte; it is sent as it is written',
    ]));
  test('none otherwise', () => expect(notesOf({ title: 'user.title' })).toEqual([]));
});

/** The errors in a mapping, each as "path code". */
function issuesOf(spec: Partial<TargetMappingSpec>, names = columns, at = ''): readonly string[] {
  return errorOf(spec, names, at).issues.map((issue) => `${issue.at} ${issue.code}`);
}

function errorOf(spec: Partial<TargetMappingSpec>, names = columns, at = ''): MappingError {
  try {
    compileTargetMapping({ supports, ...spec }, names, at);
  } catch (error) {
    if (error instanceof MappingError) return error;
    throw error;
  }
  throw new Error('the mapping has no errors');
}

describe('errors', () => {
  const faulty: Partial<TargetMappingSpec> = {
    scope: { users: 'user.department', groups: 'group.' },
    mapping: { user: { userName: 'user.mail +', id: 'user.mail' }, group: { displayName: null } },
    protect: "scim.userName == 'x' &&",
    supports: { ...supports, unsupportedAttributes: ['no path'] },
  };

  test('are all reported together, with exit code 4', () => {
    expect(errorOf(faulty)).toMatchObject({ code: 'config.mapping', exitCode: 4 });
    expect(issuesOf(faulty, columns, 'targets[0].')).toEqual([
      'targets[0].scope.users config.expression',
      'targets[0].supports.unsupportedAttributes config.attributePath',
      'targets[0].mapping.user.userName config.expression',
      'targets[0].mapping.user.id config.attributeReadOnly',
      'targets[0].scope.groups config.expression',
      'targets[0].mapping.group.displayName config.missing',
      'targets[0].protect config.expression',
    ]);
  });

  test('the message has one line for each', () => {
    const { message, issues } = errorOf(faulty);
    expect(message.split('\n')).toEqual(issues.map((issue) => `${issue.at}: ${issue.message}`));
  });

  test('a missing userName is reported with an example mapping', () => {
    expect(errorOf({}).message).toBe(
      'mapping.user.userName: is not mapped, and every user must have one; ' +
        'write "userName": "user.mail", or give the source a column userName',
    );
  });
  test('a userName that the profile drops is missing', () =>
    expect(
      issuesOf({ mapping: sample.mapping, supports: { ...supports, unsupportedAttributes: ['userName'] } }),
    ).toEqual(['mapping.user.userName config.missing']));
});

describe('the default mapping of a source', () => {
  const offered = (
    user: Record<string, string>,
    group: Record<string, string> = { displayName: 'group.cn' },
  ): ColumnNames => ({ users: [], groups: [], mapping: { user, group } });
  const usual = offered({
    userName: 'user.uid',
    [`${work}.value`]: 'user.mail',
    title: 'user.title',
    manager: 'user.manager',
  });
  const body = (columns: ColumnNames, spec: Partial<TargetMappingSpec> = {}): unknown => {
    const desired = compileTargetMapping({ supports, ...spec }, columns).desire(
      person({ uid: ['ada'], mail: ['ada@x.example'], manager: ['e0'], cn: ['Ada L.'] }),
    );
    return desired.kind === 'present' ? desired.body : desired;
  };
  const identity = { externalId: 'e1', active: true };

  test.each<[string, Partial<TargetMappingSpec>, object]>([
    ['is the mapping', {}, { ...identity, userName: 'ada', [`${work}.value`]: 'ada@x.example', [managerPath]: 'e0' }],
    [
      'is replaced by the configuration',
      { mapping: { user: { userName: 'user.mail', [`${enterpriseUserSchema}:manager`]: null } } },
      { ...identity, userName: 'ada@x.example', [`${work}.value`]: 'ada@x.example' },
    ],
    [
      'is replaced by a path that overlaps it',
      { mapping: { user: { emails: 'values.mail' } } },
      { ...identity, userName: 'ada', emails: [{ value: 'ada@x.example', primary: true }], [managerPath]: 'e0' },
    ],
    [
      'includes externalId and active, which null removes',
      { mapping: { user: { externalId: null, active: null } } },
      { userName: 'ada', [`${work}.value`]: 'ada@x.example', [managerPath]: 'e0' },
    ],
  ])('%s', (_, spec, expected) => expect(body(usual, spec)).toEqual(expected));

  test('may map externalId', () =>
    expect(body(offered({ userName: 'user.uid', externalId: 'user.mail' }))).toEqual({
      active: true,
      userName: 'ada',
      externalId: 'ada@x.example',
    }));

  test('holds for groups', () => {
    expect(compileTargetMapping({ supports }, usual).desire(group({ cn: ['app-x'] }))).toEqual({
      kind: 'present',
      body: { displayName: 'app-x', externalId: 'g1' },
    });
  });

  test('is explained as a default, and its attributes are requested from the source', () => {
    const targetMapping = compileTargetMapping({ supports, mapping: { user: { title: 'user.employeeType' } } }, usual);
    expect([...(targetMapping.usedAttributes.users ?? [])].sort()).toEqual(['employeeType', 'mail', 'manager', 'uid']);
    expect([...(targetMapping.usedAttributes.groups ?? [])]).toEqual(['cn']);
    expect(targetMapping.explain(person({ uid: ['ada'] })).paths).toContainEqual({
      path: 'userName',
      source: 'user.uid',
      origin: 'default',
      value: 'ada',
    });
    expect(targetMapping.explain(person({ uid: ['ada'] })).paths).toContainEqual({
      path: 'title',
      source: 'user.employeeType',
      origin: 'mapping',
      absenceReason: 'user.employeeType is missing',
    });
  });

  test('causes no notes on attributes when the source cannot list them', () =>
    expect(compileTargetMapping({ supports, scope: { users: "user.x == 'y'" } }, usual).notes).toEqual([]));

  test('replaces the mapping of columns by their names', () => {
    expect(
      compileTargetMapping(
        { supports },
        { ...offered({ userName: 'user.uid' }), users: ['uid', 'title', 'displayName'] },
      ).paths('User'),
    ).toEqual(['externalId', 'active', 'userName']);
  });

  test.each<[ColumnNames, string]>([
    [offered({}), 'mapping.user.userName config.missing'],
    [offered({ userName: 'user.uid' }, {}), 'mapping.group.displayName config.missing'],
    [offered({ userName: 'user.uid', 'emails[': 'user.mail' }), 'mapping.user.emails[ config.attributePath'],
    [offered({ userName: 'user.uid +' }), 'mapping.user.userName config.expression'],
    [offered({ userName: 'values.mail' }), 'mapping.user.userName config.expression'],
    [offered({ userName: 'user.uid', USERNAME: 'user.mail' }), 'mapping.user.USERNAME config.attributeDuplicate'],
  ])('%j is an error', (names, issue) => expect(issuesOf({}, names)).toEqual([issue]));

  test('names attributes of a directory in the example for a missing name', () =>
    expect(errorOf({}, offered({})).message).toBe(
      'mapping.user.userName: is not mapped, and every user must have one; write "userName": "user.ATTRIBUTE"',
    ));

  test('is named as the origin of its errors', () =>
    expect(errorOf({}, offered({ userName: 'user.uid', id: 'user.mail' })).message).toMatch(
      /^mapping\.user\.id: what the source maps by default is wrong: "id" is kept by the application/,
    ));
});

describe('the fingerprint', () => {
  const fingerprint = (spec: Partial<TargetMappingSpec>, names = columns): string =>
    compileTargetMapping({ ...sample, ...spec }, names).fingerprint;
  const base = fingerprint({});
  const user = sample.mapping?.user ?? {};

  test('does not depend on the order of the paths or the case of their letters', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(user), { minLength: Object.keys(user).length }), (entries) => {
        expect(
          fingerprint({
            mapping: {
              ...sample.mapping,
              user: Object.fromEntries(entries.map(([path, rule]) => [path.replace('userName', 'USERNAME'), rule])),
            },
          }),
        ).toBe(base);
      }),
    );
  });

  test.each<[string, Partial<TargetMappingSpec>]>([
    ['scope', { scope: { users: 'true' } }],
    ['an expression', { mapping: { ...sample.mapping, user: { ...user, title: 'user.title + "!"' } } }],
    ['a constant', { mapping: { ...sample.mapping, user: { ...user, [`${work}.primary`]: false } } }],
    ['a removed default', { mapping: { ...sample.mapping, user: { ...user, externalId: null } } }],
    ['a group mapping', { mapping: { ...sample.mapping, group: { displayName: "'x'" } } }],
    ['protect', { protect: 'false' }],
    ['the supported attributes', { supports: { ...supports, unsupportedAttributes: ['title'] } }],
    ['the support of groups', { supports: { ...supports, groups: false } }],
  ])('changes with %s', (_, spec) => expect(fingerprint(spec)).not.toBe(base));

  test('changes with a column that is mapped by its name, and with no other column', () => {
    expect(fingerprint({}, { ...columns, users: [...columns.users, 'locale'] })).not.toBe(base);
    expect(fingerprint({}, { ...columns, users: [...columns.users, 'shoe size'] })).toBe(base);
  });
});

test('the mapping is pure: equal records have equal desired states, and no record is modified', () => {
  const targetMapping: TargetMapping = compileTargetMapping(sample, columns);
  const cells = fc.dictionary(
    fc.constantFrom(...columns.users),
    fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2 }),
  );
  fc.assert(
    fc.property(cells, fc.boolean(), (attributes, active) => {
      const record = person(attributes, active);
      const before = structuredClone(record);
      expect(targetMapping.desire(record)).toEqual(targetMapping.desire(before));
      expect(targetMapping.explain(record).desired).toEqual(targetMapping.desire(record));
      expect(record).toEqual(before);
    }),
  );
});

describe('the part of a mapping that the application supports', () => {
  const spec = (changes: Partial<TargetMappingSpec['supports']>): TargetMappingSpec => ({
    mapping: {
      user: {
        userName: 'user.mail',
        title: 'user.title',
        department: 'user.department',
        'emails[type eq "work"].value': 'user.mail',
      },
      group: { displayName: 'group.cn' },
    },
    supports: { ...supports, ...changes },
  });
  const pathsOf = (changes: Partial<TargetMappingSpec['supports']>): readonly string[] =>
    compileTargetMapping(spec(changes), { users: [], groups: [] }).paths('User');
  const email = 'emails[type eq "work"].value';
  const department = `${enterpriseUserSchema}:department`;

  test.each<[string, Partial<TargetMappingSpec['supports']>, readonly string[]]>([
    ['everything', {}, ['externalId', 'active', 'userName', 'title', department, email]],
    [
      'only some paths, and those that every account needs',
      { onlyAttributes: ['emails'] },
      ['active', 'userName', email],
    ],
    ['no enterprise attributes', { enterpriseSchema: null }, ['externalId', 'active', 'userName', 'title', email]],
    [
      'one primary address',
      { lists: { emails: { primary: true } } },
      ['externalId', 'active', 'userName', 'title', department, email, 'emails[type eq "work"].primary'],
    ],
    [
      'values only',
      { lists: { emails: { subAttributes: ['type'] } } },
      ['externalId', 'active', 'userName', 'title', department],
    ],
  ])('%s', (_, changes, expected) => expect(pathsOf(changes)).toEqual(expected));

  test.each<[string, Readonly<Record<string, readonly string[]>>, string | undefined]>([
    ['the first mapped one', { mail: ['w@x'], homeMail: ['h@x'] }, 'work'],
    ['the next one, for a user without the first', { homeMail: ['h@x'] }, 'home'],
    ['absent for a user without an address', {}, undefined],
  ])('the primary address is %s', (_, attributes, primary) => {
    const mapping = {
      user: { userName: 'user.uid', [email]: 'user.mail', 'emails[type eq "home"].value': 'user.homeMail' },
      group: { displayName: 'group.cn' },
    };
    const targetMapping = compileTargetMapping(
      { mapping, supports: { ...supports, lists: { emails: { primary: true } } } },
      { users: [], groups: [] },
    );
    const { desired, paths } = targetMapping.explain(person({ uid: ['ada'], ...attributes }));
    const body = desired.kind === 'present' ? desired.body : {};
    expect(Object.keys(body).filter((path) => path.endsWith('.primary'))).toEqual(
      primary === undefined ? [] : [`emails[type eq "${primary}"].primary`],
    );
    if (primary === 'work')
      expect(paths).toContainEqual({
        path: 'emails[type eq "home"].primary',
        source: 'true',
        origin: 'default',
        absenceReason: 'the application takes no more of this list',
      });
  });
});
