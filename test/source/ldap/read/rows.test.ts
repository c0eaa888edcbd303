import { describe, expect, test } from '@jest/globals';
import { InvariantError } from '../../../../src/model/errors.ts';
import type { ParsedRow } from '../../../../src/source/source.ts';
import {
  requestedAttributes,
  rowReader,
  type Completion,
  type EntryReaderOptions,
} from '../../../../src/source/ldap/read/rows.ts';
import { readSchema } from '../../../../src/source/ldap/protocol/schema.ts';
import type { DirectoryProfile } from '../../../../src/source/ldap/settings.ts';
import { entryOf, type Values } from '../entries.ts';

const guid = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const guidText = '33221100-5544-7766-8899-aabbccddeeff';
const sid = (rid: number): Buffer =>
  Buffer.concat([
    Buffer.from('010500000000000515000000dcf4dc3b833d2b46828ba628', 'hex'),
    Buffer.from([rid & 0xff, rid >> 8, 0, 0]),
  ]);

const standard = {
  name: 'standard',
  id: { attribute: 'entryUUID', form: 'text' },
  users: { filter: '(a=b)' },
  groups: {
    filter: '(c=d)',
    memberDn: ['member', 'uniqueMember'],
    memberLogin: ['memberUid'],
    login: 'uid',
    memberUrl: ['memberURL'],
    primaryGroup: false,
  },
  inactive: [
    { attribute: 'lock', is: 'true' },
    { attribute: 'ends', past: 'generalizedTime' },
  ],
  references: ['manager'],
  unicodeForms: 'equal',
  binary: ['jpegPhoto', 'mS-DS-ConsistencyGuid'],
  mapping: { user: {}, group: {} },
  changes: [],
} as DirectoryProfile;

const windows: DirectoryProfile = {
  ...standard,
  name: 'windows',
  id: { attribute: 'objectGUID', form: 'guid' },
  groups: { ...standard.groups, memberDn: ['member'], memberLogin: [], memberUrl: [], primaryGroup: true },
  inactive: [{ attribute: 'userAccountControl', bit: 2 }],
};

const schema = readSchema([]);
const options = (more: Partial<EntryReaderOptions> = {}): EntryReaderOptions => ({
  directoryProfile: standard,
  part: 'users',
  key: undefined,
  used: new Set(['mail']),
  activeCondition: undefined,
  honourShadowExpire: false,
  schema,
  ...more,
});
const read = (
  of: Partial<EntryReaderOptions>,
  attributes: Values,
  completion?: Completion,
  dn = 'uid=Ada,DC=example',
): ParsedRow => rowReader(options(of))(entryOf(attributes, dn), 7, completion);

const uuid = '8A4F1C2E-0000-1000-8000-00805F9B34FB';
const id = 'id:8a4f1c2e00001000800000805f9b34fb';

describe('a person', () => {
  test('has a key, attributes, handles, and nothing that was not asked for', () => {
    expect(
      read(
        { used: new Set(['mail', 'manager', 'dn']) },
        { entryUUID: [uuid], uid: ['Ada', 'ALovelace'], mail: ['a@x'], manager: ['CN=Bob , DC=example'], cn: ['x'] },
      ),
    ).toEqual({
      kind: 'record',
      record: {
        resourceType: 'User',
        key: uuid.toLowerCase(),
        active: true,
        attributes: { mail: ['a@x'], dn: ['uid=Ada,DC=example'] },
      },
      groups: undefined,
      signs: [],
      entryReferences: {
        handles: [id, 'dn:uid=ada,dc=example', 'login:ada', 'login:alovelace'],
        members: [],
        groups: [],
        attributeReferences: { manager: 'dn:cn=bob,dc=example' },
      },
    });
  });

  test('of Windows names their primary group', () => {
    expect(
      read({ directoryProfile: windows }, { objectGUID: [guid], primaryGroupID: ['513'], userAccountControl: ['514'] }),
    ).toMatchObject({
      record: { key: guidText, active: false },
      entryReferences: {
        handles: ['id:33221100554477668899aabbccddeeff', 'dn:uid=ada,dc=example'],
        groups: ['rid:513'],
        members: [],
      },
    });
  });

  test('is inactive from a moment on', () => {
    expect(read({}, { entryUUID: [uuid], ends: ['20270101000000Z'] })).toMatchObject({
      record: { active: true, validTo: Date.UTC(2027, 0, 1) },
    });
    expect(read({ honourShadowExpire: true }, { entryUUID: [uuid], shadowExpire: ['1'] })).toMatchObject({
      record: { active: true, validTo: 86_400_000 },
    });
    expect(read({}, { entryUUID: [uuid], shadowExpire: ['1'] })).toMatchObject({ record: { active: true } });
  });

  test('has every value of an attribute of which the server gave a range', () => {
    const completion: Completion = {
      memberDns: [],
      ranged: new Map([['memberof', [Buffer.from('cn=a'), Buffer.from('cn=b'), Buffer.from('cn=c')]]]),
    };
    const given: Values = { entryUUID: [uuid], memberOf: [], 'memberOf;range=0-1': ['cn=a', 'cn=b'] };
    expect(read({ used: new Set(['memberOf']) }, given, completion)).toMatchObject({
      record: { attributes: { memberOf: ['cn=a', 'cn=b', 'cn=c'] } },
    });
    expect(read({ used: undefined }, given, completion)).toMatchObject({
      record: { attributes: { memberOf: ['cn=a', 'cn=b', 'cn=c'], entryUUID: [uuid] } },
    });
    expect(() => read({ used: new Set(['memberOf']) }, given)).toThrow(InvariantError);
  });

  test.each<[string, Partial<EntryReaderOptions>, Values, string | undefined]>([
    ['text', { key: 'employeeNumber' }, { employeeNumber: [' 4711 '] }, '4711'],
    ['in whatever case', { key: 'EMPLOYEENUMBER' }, { employeeNumber: ['4711'] }, '4711'],
    ['a GUID', { key: 'objectGUID' }, { objectGUID: [guid] }, guidText],
    ['a SID', { key: 'objectSid' }, { objectSid: [sid(1104)] }, 'S-1-5-21-1004336348-1177238915-682003330-1104'],
    ['bytes', { key: 'mS-DS-ConsistencyGuid' }, { 'mS-DS-ConsistencyGuid': [guid] }, 'ABEiM0RVZneImaq7zN3u/w=='],
    [
      'bytes that could be text',
      { key: 'mS-DS-ConsistencyGuid' },
      { 'mS-DS-ConsistencyGuid': ['abcdefghijklmnop'] },
      'YWJjZGVmZ2hpamtsbW5vcA==',
    ],
  ])('has a key that is %s', (_, of, attributes, key) => {
    expect(read(of, { entryUUID: [uuid], ...attributes })).toMatchObject({
      kind: 'record',
      record: { key },
      entryReferences: { handles: [id, 'dn:uid=ada,dc=example'] },
    });
  });

  test.each<[string, Partial<EntryReaderOptions>, Values, RegExp, string | undefined]>([
    ['without an ID', {}, {}, /entryUUID/, undefined],
    ['without its key', { key: 'employeeNumber' }, { entryUUID: [uuid] }, /employeeNumber/, undefined],
    [
      'with a blank key',
      { key: 'employeeNumber' },
      { entryUUID: [uuid], employeeNumber: [' '] },
      /employeeNumber/,
      undefined,
    ],
    ['with an empty binary key', { key: 'jpegPhoto' }, { entryUUID: [uuid], jpegPhoto: [''] }, /jpegPhoto/, undefined],
    [
      'with several keys',
      { key: 'employeeNumber' },
      { entryUUID: [uuid], employeeNumber: ['4711', '4712'] },
      /several values of employeeNumber/,
      undefined,
    ],
    ['with an invalid GUID', { directoryProfile: windows }, { objectGUID: ['abc'] }, /objectGUID/, undefined],
    [
      'whose status cannot be interpreted',
      {},
      { entryUUID: [uuid], ends: ['soon'] },
      /ends = "soon"$/,
      uuid.toLowerCase(),
    ],
  ])('%s is rejected', (_, of, attributes, reason, key) => {
    expect(read(of, attributes)).toMatchObject({
      kind: 'rejected',
      line: 7,
      key,
      reason: expect.stringMatching(reason),
      subject: { kind: key === undefined ? 'unknown' : 'record' },
    });
    expect(read(of, attributes)).toMatchObject({ reason: expect.stringContaining('"uid=Ada,DC=example"') });
  });
});

describe('a group', () => {
  test('names its members, each once, by name and by login', () => {
    const row = read(
      { part: 'groups', used: new Set(['cn']) },
      {
        entryUUID: [uuid],
        cn: ['crew'],
        member: ['UID=Ada,dc=x', 'uid=ada , DC=X', 'cn="a,b"', ''],
        uniqueMember: ['cn=a\\2Cb', 'uid=eve,dc=x'],
        memberUid: ['Ada', ' ada', ''],
      },
      { memberDns: ['uid=zoe,dc=x', 'uid=eve,dc=x'], ranged: new Map() },
      'CN=Crew,DC=x',
    );
    expect(row).toEqual({
      kind: 'record',
      record: { resourceType: 'Group', key: uuid.toLowerCase(), active: true, attributes: { cn: ['crew'] } },
      groups: undefined,
      entryReferences: {
        handles: [id, 'dn:cn=crew,dc=x'],
        members: ['dn:uid=ada,dc=x', 'dn:cn=a\\,b', 'dn:uid=eve,dc=x', 'login:ada', 'dn:uid=zoe,dc=x'],
        groups: [],
        attributeReferences: {},
      },
    });
  });

  test('of Windows is known by the last part of its SID, and all its members count', () => {
    const ranged = new Map([['member', [Buffer.from('CN=a'), Buffer.from('CN=b'), Buffer.from('CN=c')]]]);
    expect(
      read(
        { directoryProfile: windows, part: 'groups' },
        { objectGUID: [guid], objectSid: [sid(513)], member: [], 'member;range=0-0': ['CN=a'] },
        { memberDns: [], ranged },
        'CN=all',
      ),
    ).toMatchObject({
      entryReferences: {
        handles: ['id:33221100554477668899aabbccddeeff', 'dn:cn=all', 'rid:513'],
        members: ['dn:cn=a', 'dn:cn=b', 'dn:cn=c'],
      },
    });
    expect(() =>
      read({ directoryProfile: windows, part: 'groups' }, { objectGUID: [guid], 'member;range=0-0': ['CN=a'] }),
    ).toThrow('member;range=0-0 was not completed');
  });

  test('that cannot be completed is rejected', () => {
    expect(
      read(
        { part: 'groups' },
        { entryUUID: [uuid] },
        { memberDns: [], ranged: new Map(), problem: 'its members are elsewhere' },
      ),
    ).toMatchObject({
      kind: 'rejected',
      line: 7,
      key: uuid.toLowerCase(),
      reason: '"uid=Ada,DC=example": its members are elsewhere',
    });
  });

  test('is never inactive, whatever stands in it', () => {
    expect(read({ part: 'groups' }, { entryUUID: [uuid], lock: ['true'], ends: ['soon'] })).toMatchObject({
      record: { active: true },
    });
  });
});

test.each<[string, Partial<EntryReaderOptions>, readonly string[]]>([
  ['people', {}, ['entryUUID', 'lock', 'ends', 'uid', 'mail']],
  [
    'people with a key',
    { key: 'employeeNumber', used: new Set(['MAIL', 'dn', 'employeenumber']) },
    ['entryUUID', 'employeenumber', 'lock', 'ends', 'uid', 'MAIL'],
  ],
  ['people of Windows', { directoryProfile: windows }, ['objectGUID', 'userAccountControl', 'primaryGroupID', 'mail']],
  [
    'people with shadowExpire',
    { honourShadowExpire: true },
    ['entryUUID', 'lock', 'ends', 'shadowExpire', 'uid', 'mail'],
  ],
  ['people, of whom anything may be used', { used: undefined }, ['*', '+', 'entryUUID', 'lock', 'ends', 'uid']],
  [
    'groups',
    { part: 'groups', used: new Set(['cn']) },
    ['entryUUID', 'member', 'uniqueMember', 'memberUid', 'memberURL', 'cn'],
  ],
  [
    'groups of Windows',
    { directoryProfile: windows, part: 'groups', used: new Set() },
    ['objectGUID', 'member', 'objectSid'],
  ],
])('what is asked of %s', (_, of, expected) => {
  expect(requestedAttributes(options(of))).toEqual(expected);
});
