import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ErrorCode } from '../../../../src/model/error-codes.ts';
import { expectError } from '../../../world/directory/expect-refusal.ts';
import { changeRecord } from '../../../world/directory/ldif/change-record.ts';
import { directoryFixture, type DirectoryFixture } from '../../../world/directory/directory-fixture.ts';
import { startDs389, type Ds389 } from '../../../world/directory/servers/ds389.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import { ldapTool } from '../../../world/directory/servers/server.ts';
import { groups, people, suffix } from '../../../world/directory/servers/slapd.ts';
import { enterpriseUser, expectExitCode } from '../../../world/fixture.ts';

jest.setTimeout(120_000);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function person(uid: string, lines: readonly string[] = [], rdn = `uid=${uid}`): string {
  return changeRecord(`${rdn},${people}`, 'add', [
    'objectClass: inetOrgPerson',
    `uid:: ${base64(uid)}`,
    `cn:: ${base64(`${uid} Test`)}`,
    'sn: Test',
    `givenName:: ${base64(uid)}`,
    ...lines,
  ]);
}

const group = (cn: string, kind: 'groupOfNames' | 'groupOfUniqueNames', members: readonly string[]): string =>
  changeRecord(`cn=${cn},${groups}`, 'add', [
    `objectClass: ${kind}`,
    `cn: ${cn}`,
    ...members.map((dn) => `${kind === 'groupOfNames' ? 'member' : 'uniqueMember'}:: ${base64(dn)}`),
  ]);

/** One entry, read by the tool of the server. */
async function idOf(server: Ds389, dn: string): Promise<string> {
  return (
    /^nsUniqueId: (\S+)/m.exec(
      await ldapTool(server, 'ldapsearch', ['-LLL', '-b', dn, '-s', 'base', 'nsUniqueId']),
    )?.[1] ?? 'no nsUniqueId'
  );
}

const source = { users: { base: people }, groups: { base: groups } };

describeOn('389ds', 'reading', () => {
  let server: Ds389;
  beforeAll(async () => {
    server = await startDs389();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(['389ds', 'auto'])('as the kind %s', (directory) => {
    let at: DirectoryFixture;
    beforeAll(async () => {
      at = await directoryFixture(server, { ...source, directory });
    });
    afterAll(() => at[Symbol.asyncDispose]());

    test('check reports the directory profile and the change method', async () => {
      const check = await at.cli.run('check');
      expect(check.stdout).toContain(': directory profile 389ds (389 Project 389-Directory/');
      expect(check.stdout).toContain('key of users: nsUniqueId, of groups: nsUniqueId');
      expect(check.stdout).toContain('incremental reads use content synchronization (RFC 4533)');
    });
  });

  test('a profile with another ID than nsUniqueId has no incremental reads', async () => {
    await using at = await directoryFixture(server, {
      ...source,
      directory: { extends: '389ds', name: 'ours', id: { attribute: 'employeeNumber' } },
    });
    expect((await at.cli.run('check')).stdout).toContain(
      'incremental reads are not available; every pass does a full read',
    );
  });

  test('maps by default, knows managers by DN, and who is locked', async () => {
    await server.change(
      [
        person('ada', [
          'mail: ada@example.test',
          'telephoneNumber: +1 555 0100',
          'title: Engineer',
          'employeeNumber: 17',
          'departmentNumber: R&D',
        ]),
        person('bob', [`manager: UID=Ada , ${people}`, 'nsAccountLock: TRUE']),
        person('cyn', ['nsAccountLock: false']),
      ].join('\n'),
    );
    await using at = await directoryFixture(server, source);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, cyn: true });
    await server.change(changeRecord(`uid=bob,${people}`, 'modify', ['delete: nsAccountLock']));
    expectExitCode(await at.pass(), 0);
    const users = [...at.app.users.values()];
    const [ada, bob] = ['ada', 'bob'].map((name) => users.find(({ data }) => data['userName'] === name));
    const id = await idOf(server, `uid=ada,${people}`);
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/);
    expect(ada?.data).toMatchObject({
      externalId: id,
      userName: 'ada',
      displayName: 'ada Test',
      name: { givenName: 'ada', familyName: 'Test' },
      active: true,
      title: 'Engineer',
      emails: [{ type: 'work', value: 'ada@example.test' }],
      phoneNumbers: [{ type: 'work', value: '+1 555 0100' }],
      [enterpriseUser]: { employeeNumber: '17', department: 'R&D' },
    });
    expect(bob?.data).toMatchObject({ [enterpriseUser]: { manager: { value: ada?.id } } });
    await server.change(changeRecord(`uid=bob,${people}`, 'modify', ['replace: nsAccountLock', 'nsAccountLock: true']));
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: false, cyn: true });
    await server.change(['ada', 'bob', 'cyn'].map((uid) => changeRecord(`uid=${uid},${people}`, 'delete')).join('\n'));
  });

  const spellings: readonly (readonly [uid: string, rdn: string, spelled: string])[] = [
    ['plain', 'uid=plain', `UID = Plain , OU=People,${suffix}`],
    ['Last, First', 'uid=Last\\, First', 'uid=last\\2C first'],
    ['with "quotes"', 'uid=with \\"quotes\\"', 'uid=with \\22quotes\\22'],
    ['a+b', 'uid=a\\+b', 'uid=A\\2bB'],
    ['#hash', 'uid=\\#hash', 'uid=\\23hash'],
    ['rocket 🚀', 'uid=rocket 🚀', 'uid=ROCKET \\F0\\9F\\9A\\80'],
    ['back\\slash', 'uid=back\\\\slash', 'uid=back\\5Cslash'],
    ['end ', 'uid=end\\ ', 'uid=end\\20'],
    ['two', 'uid=two+employeeNumber=7', 'employeeNumber=7+uid=TWO'],
  ];

  test.each(['groupOfNames', 'groupOfUniqueNames'] as const)(
    'members of a %s under every spelling of their names',
    async (kind) => {
      await server.change(
        spellings.map(([uid, rdn]) => person(uid, uid === 'two' ? ['employeeNumber: 7'] : [], rdn)).join('\n'),
      );
      await server.change(
        group(
          'spelled',
          kind,
          spellings.map(([, , spelled]) => (spelled.includes(suffix) ? spelled : `${spelled},${people}`)),
        ),
      );
      await using at = await directoryFixture(server, source);
      expectExitCode(await at.pass(), 0);
      expect(Object.keys(at.active()).sort()).toEqual(spellings.map(([uid]) => uid.trim()).sort());
      expect(at.members()).toEqual({ spelled: spellings.map(([uid]) => uid.trim()).sort() });
      await server.change(
        [
          changeRecord(`cn=spelled,${groups}`, 'delete'),
          ...spellings.map(([, rdn]) => changeRecord(`${rdn},${people}`, 'delete')),
        ].join('\n'),
      );
    },
  );

  test('groups inside groups, rings, and members who are nowhere', async () => {
    await server.change(
      [
        person('ann'),
        person('ben'),
        person('col'),
        group('outer', 'groupOfNames', [`cn=inner,${groups}`, `uid=ann,${people}`]),
        group('inner', 'groupOfUniqueNames', [`cn=ring,${groups}`, `uid=ben,${people}`]),
        group('ring', 'groupOfNames', [`cn=outer,${groups}`, `uid=col,${people}`, `uid=unknown,${people}`]),
        group('empty', 'groupOfNames', []),
      ].join('\n'),
    );
    await using flat = await directoryFixture(server, source);
    expectExitCode(await flat.pass(), 0);
    const all = ['ann', 'ben', 'col'];
    expect(flat.members()).toEqual({ outer: all, inner: all, ring: all, empty: [] });
    await using kept = await directoryFixture(server, { ...source, groups: { base: groups, nested: 'keep' } });
    expectExitCode(await kept.pass(), 0);
    expect(kept.members()).toEqual({
      outer: ['ann', 'inner'],
      inner: ['ben', 'ring'],
      ring: ['col', 'outer'],
      empty: [],
    });
  });
});

describeOn('389ds', 'many', () => {
  const many = 5_000;
  const uids = Array.from({ length: many }, (_, index) => `u${index}`);
  const reader = { dn: `uid=reader,${suffix}`, password: 'reader-secret' };
  const readerLines = (limits: readonly string[]): string =>
    [
      `dn: ${reader.dn}`,
      'objectClass: account',
      'objectClass: simpleSecurityObject',
      'uid: reader',
      `userPassword: ${reader.password}`,
      ...limits,
      '',
    ].join('\n');
  let server: Ds389;
  let at: DirectoryFixture;
  beforeAll(async () => {
    const entries = uids.map(
      (uid) => `dn: uid=${uid},${people}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: x\n`,
    );
    const members = uids.map((uid) => `member: uid=${uid},${people}`).join('\n');
    const allUsers = `dn: cn=allUsers,${groups}\nobjectClass: groupOfNames\ncn: allUsers\n${members}\n`;
    server = await startDs389({ ldif: [readerLines([]), ...entries, allUsers].join('\n') });
    at = await directoryFixture(
      { url: server.url, caFile: server.caFile, admin: reader },
      { ...source, sanity: { maxShrink: '100%' } },
    );
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const limit = (...lines: readonly string[]): Promise<void> => server.change(changeRecord(reader.dn, 'modify', lines));

  const sizeLimit = 'ldap.sizeLimitExceeded';
  const adminLimit = 'ldap.adminLimitExceeded';

  // Each begins with the limits that the one before left.
  test.each<[string, Readonly<Record<string, number>> | undefined, ErrorCode]>([
    ['the lookthrough limit of the server', undefined, adminLimit],
    ['1,000 for the account', { nsSizeLimit: 1000 }, sizeLimit],
    ['1,000 by pages', { nsPagedSizeLimit: 1000, nsSizeLimit: -1 }, sizeLimit],
    ['the lookthrough limit by pages', { nsPagedSizeLimit: -1 }, adminLimit],
  ])('a truncated result is an error: %s', async (_, limits, code) => {
    for (const [name, value] of Object.entries(limits ?? {})) await limit(`replace: ${name}`, `${name}: ${value}`);
    const run = await at.pass();
    expectExitCode(run, 1);
    expectError(run, { code, mentions: [`"${people}"`] });
    expect(at.app.log).toEqual([]);
  });

  test('pages return all users, and a group of 5,000 is complete', async () => {
    await limit(
      'replace: nsSizeLimit',
      'nsSizeLimit: 1000',
      '-',
      'replace: nsPagedLookThroughLimit',
      'nsPagedLookThroughLimit: -1',
    );
    expectExitCode(await at.pass(), 0);
    expect(Object.keys(at.active())).toHaveLength(many);
    expect(at.members()['allUsers']).toEqual([...uids].sort());
  });

  test('a limit that is set later changes nothing', async () => {
    await limit('replace: nsPagedSizeLimit', 'nsPagedSizeLimit: 500');
    at.app.log.splice(0);
    expectExitCode(await at.pass(), 1);
    expect(at.app.log).toEqual([]);
    expect(Object.values(at.active()).every((active) => active === true)).toBe(true);
  });

  test('without limits for the account changes are enough from then on, and are little', async () => {
    await limit(
      'replace: nsPagedSizeLimit',
      'nsPagedSizeLimit: -1',
      '-',
      'replace: nsSizeLimit',
      'nsSizeLimit: -1',
      '-',
      'replace: nsLookThroughLimit',
      'nsLookThroughLimit: -1',
    );
    expectExitCode(await at.pass('--full'), 0);
    await server.change(changeRecord(`uid=u7,${people}`, 'delete'));
    // With these limits no full read succeeds.
    await limit('replace: nsPagedSizeLimit', 'nsPagedSizeLimit: 500', '-', 'replace: nsSizeLimit', 'nsSizeLimit: 500');
    expectExitCode(await at.pass('--full'), 1);
    expectExitCode(await at.pass(), 0);
    expect(at.active()['u7']).toBe(false);
    expect(at.members()['allUsers']).toHaveLength(many - 1);
  });
});
