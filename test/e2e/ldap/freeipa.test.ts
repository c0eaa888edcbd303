import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { changeRecord } from '../../world/directory/ldif/change-record.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { startDs389, type Ds389 } from '../../world/directory/servers/ds389.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { suffix } from '../../world/directory/servers/slapd.ts';
import { countRequests, expectExitCode } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(120_000);

/** No FreeIPA runs here: its tree and the part of its schema that matters, in the server that it is made of. */
const schema = `attributeTypes: ( 2.16.840.1.113730.3.8.3.1 NAME 'ipaUniqueID'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectClasses: ( 2.16.840.1.113730.3.8.4.3 NAME 'nestedGroup' SUP groupOfNames STRUCTURAL MAY memberOf )
objectClasses: ( 2.16.840.1.113730.3.8.4.4 NAME 'ipaUserGroup' SUP nestedGroup STRUCTURAL )
objectClasses: ( 2.16.840.1.113730.3.8.4.5 NAME 'ipaHostGroup' SUP nestedGroup STRUCTURAL )
objectClasses: ( 2.16.840.1.113730.3.8.4.6 NAME 'ipaObject' SUP top AUXILIARY MUST ipaUniqueID )`;

const accounts = `cn=accounts,${suffix}`;
const users = `cn=users,${accounts}`;
const groups = `cn=groups,${accounts}`;
const preserved = `cn=deleted users,cn=accounts,cn=provisioning,${suffix}`;

const container = (dn: string): string =>
  changeRecord(dn, 'add', ['objectClass: nsContainer', `cn: ${/^cn=([^,]+)/.exec(dn)?.[1] ?? ''}`]);
const uniqueId = (name: string): string =>
  `00000000-0000-11f1-8000-${Buffer.from(name).toString('hex').padStart(12, '0').slice(-12)}`;

/** What `ipa user-add` makes: the person, and a private group of the same name. */
const person = (uid: string, lines: readonly string[] = []): string =>
  [
    changeRecord(`uid=${uid},${users}`, 'add', [
      'objectClass: inetOrgPerson',
      'objectClass: inetUser',
      'objectClass: posixAccount',
      'objectClass: ipaObject',
      `uid: ${uid}`,
      `cn: ${uid} Test`,
      'sn: Test',
      `givenName: ${uid}`,
      `mail: ${uid}@example.test`,
      'uidNumber: 1000',
      'gidNumber: 1000',
      `homeDirectory: /home/${uid}`,
      `ipaUniqueID: ${uniqueId(uid)}`,
      ...lines,
    ]),
    changeRecord(`cn=${uid},${groups}`, 'add', [
      'objectClass: posixGroup',
      'objectClass: mepManagedEntry',
      'objectClass: ipaObject',
      `cn: ${uid}`,
      'gidNumber: 1000',
      `ipaUniqueID: ${uniqueId(`g${uid}`)}`,
    ]),
  ].join('\n');

const group = (cn: string, members: readonly string[], isPosix = false): string =>
  changeRecord(`cn=${cn},${groups}`, 'add', [
    'objectClass: ipaUserGroup',
    'objectClass: ipaObject',
    `cn: ${cn}`,
    `ipaUniqueID: ${uniqueId(`g${cn}`)}`,
    ...(isPosix ? ['objectClass: posixGroup', 'gidNumber: 2000'] : []),
    ...members.map((dn) => `member: ${dn}`),
  ]);

const member = (uid: string): string => `uid=${uid},${users}`;
const beginning = [
  ...[
    accounts,
    users,
    groups,
    `cn=hostgroups,${accounts}`,
    `cn=provisioning,${suffix}`,
    `cn=accounts,cn=provisioning,${suffix}`,
    preserved,
  ].map(container),
  person('ada', ['departmentNumber: R&D']),
  person('bob', [`manager: ${member('ada')}`, 'ou: Sales']),
  person('cyn'),
  person('dan', ['nsAccountLock: TRUE']),
  group('inner', [member('cyn')]),
  group('outer', [`cn=inner,${groups}`, member('ada')], true),
  group('ipausers', ['ada', 'bob', 'cyn', 'dan'].map(member)),
  changeRecord(`cn=web,cn=hostgroups,${accounts}`, 'add', [
    'objectClass: ipaHostGroup',
    'objectClass: ipaObject',
    'cn: web',
    `ipaUniqueID: ${uniqueId('web')}`,
  ]),
].join('\n');

describeOn('389ds', 'the kind freeipa', () => {
  describe.each<[string, unknown]>([
    ['as it is', 'freeipa'],
    ['whose log holds everything', { extends: 'freeipa', name: 'ipa', changes: ['syncLog'] }],
  ])('%s', (_, directory) => {
    let server: Ds389;
    let at: DirectoryFixture;
    beforeAll(async () => {
      server = await startDs389({ schema });
      await server.change(beginning);
      at = await directoryFixture(
        server,
        { directory, users: { base: accounts }, groups: { base: accounts }, sanity: { maxShrink: '100%' } },
        { guard: unlimitedGuard },
      );
      expectExitCode(await at.pass(), 0);
    });
    afterAll(async () => {
      await at[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    test('people by ipaUniqueID, and groups without the private ones and those of hosts', () => {
      expect([...at.app.users.values()].map(({ data }) => [data['userName'], data['externalId']]).sort()).toEqual(
        ['ada', 'bob', 'cyn'].map((uid) => [uid, uniqueId(uid)]),
      );
      expect(at.members()).toEqual({ inner: ['cyn'], outer: ['ada', 'cyn'], ipausers: ['ada', 'bob', 'cyn'] });
      const bob = [...at.app.users.values()].find(({ data }) => data['userName'] === 'bob');
      expect(JSON.stringify(bob?.data)).toContain('"department":"Sales"');
    });

    // Each begins where the one before ended.
    test.each<[string, string, Readonly<Record<string, boolean>>, Readonly<Record<string, readonly string[]>>]>([
      [
        'enabled',
        changeRecord(member('dan'), 'modify', ['replace: nsAccountLock', 'nsAccountLock: FALSE']),
        { dan: true },
        { ipausers: ['ada', 'bob', 'cyn', 'dan'] },
      ],
      [
        'disabled',
        changeRecord(member('dan'), 'modify', ['replace: nsAccountLock', 'nsAccountLock: TRUE']),
        { dan: false },
        { ipausers: ['ada', 'bob', 'cyn'] },
      ],
      [
        'put into an inner group',
        changeRecord(`cn=inner,${groups}`, 'modify', ['add: member', `member: ${member('bob')}`]),
        {},
        { inner: ['bob', 'cyn'], outer: ['ada', 'bob', 'cyn'] },
      ],
      [
        'renamed',
        changeRecord(member('bob'), 'modrdn', ['newrdn: uid=rob', 'deleteoldrdn: 1']),
        { rob: true },
        { inner: ['cyn', 'rob'], outer: ['ada', 'cyn', 'rob'], ipausers: ['ada', 'cyn', 'rob'] },
      ],
      [
        'preserved',
        changeRecord(member('rob'), 'modrdn', ['newrdn: uid=rob', 'deleteoldrdn: 1', `newsuperior: ${preserved}`]),
        { rob: false },
        { inner: ['cyn'], outer: ['ada', 'cyn'], ipausers: ['ada', 'cyn'] },
      ],
      [
        'deleted',
        `${changeRecord(member('cyn'), 'delete')}\n${changeRecord(`cn=cyn,${groups}`, 'delete')}`,
        { cyn: false },
        { inner: [], outer: ['ada'], ipausers: ['ada'] },
      ],
    ])('a user is %s', async (what, ldif, active, members) => {
      const before = { active: at.active(), members: at.members(), accounts: at.app.users.size };
      await server.change(ldif);
      at.app.log.splice(0);
      const run = await at.pass();
      expectExitCode(run, 0);
      expect(run.stderr).not.toContain('doing a full read');
      expect(at.active()).toEqual({
        ...Object.fromEntries(Object.entries(before.active).filter(([name]) => what !== 'renamed' || name !== 'bob')),
        ...active,
      });
      expect(at.members()).toEqual({ ...before.members, ...members });
      expect(countRequests(at.app.log, 'POST', '/Users')).toBe(what === 'enabled' ? 1 : 0);
      at.app.log.splice(0);
      expectExitCode(await at.pass(), 0);
      expect(at.app.log).toEqual([]);
    });
  });
});
