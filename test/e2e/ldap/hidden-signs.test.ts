import { describe, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { changeRecord } from '../../world/directory/ldif/change-record.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { startDs389 } from '../../world/directory/servers/ds389.ts';
import { groups, people, startSlapd, suffix } from '../../world/directory/servers/slapd.ts';
import { drainLog, expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(120_000);

const person = (uid: string, more: Readonly<Record<string, string>> = {}): string =>
  ldifEntry(`uid=${uid},${people}`, { objectClass: 'inetOrgPerson', uid, cn: uid, sn: 'Test', ...more });
const reader = ldifEntry(`cn=half,${suffix}`, {
  objectClass: ['organizationalRole', 'simpleSecurityObject'],
  cn: 'half',
  userPassword: 'half-secret',
});
const half = { bind: { dn: `cn=half,${suffix}`, password: 'half-secret' } };

async function expectRefusal(at: DirectoryFixture, code: string, mentions: string): Promise<void> {
  drainLog(at.app);
  const run = await at.pass();
  expectExitCode(run, 1);
  expect(run.stderr).toContain(`(code: ${code})`);
  expect(run.stderr).toContain(mentions);
  expect(drainLog(at.app)).toEqual([]);
}

describeOn('slapd', 'a sign of inactivity that an access rule hides', () => {
  const policies = {
    overlays: ['syncprov'] as const,
    ldif: [person('ada'), person('bob'), person('eve'), reader].join('\n'),
    database: `overlay ppolicy
access to attrs=pwdAccountLockedTime,pwdEndTime,employeeType by dn.exact="cn=half,${suffix}" none by users read
access to * by users read by anonymous auth`,
  };

  test('refuses the reading, and check names signs that are on no entry', async () => {
    await using slapd = await startSlapd({ ...policies, overlays: ['syncprov'] });
    await slapd.change(
      [
        `dn: uid=eve,${people}\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n`,
        `dn: uid=bob,${people}\nchangetype: modify\nadd: pwdEndTime\npwdEndTime: 20200101000000Z\n`,
      ].join('\n'),
    );
    await using at = await directoryFixture(slapd, { users: { base: people } });
    expectExitCode(await at.pass(), 0);
    // A past pwdEndTime counts.
    expect(at.active()).toEqual({ ada: true });
    const check = await at.cli.run('check');
    expect(check.stdout).toContain('pwdAccountLockedTime on 1 person, pwdEndTime on 1 person');
    at.configure(half);
    await expectRefusal(at, 'source.signVanished', 'pwdAccountLockedTime');
    const blind = await at.cli.run('check');
    expect(blind.stdout).toContain('no person shows: pwdAccountLockedTime, pwdEndTime');
    expect(at.active()).toEqual({ ada: true });
    expectExitCode(await at.pass('--accept-source'), 0);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
    expectExitCode(await at.pass(), 0);
  });

  test('that the configuration names refuses the reading too', async () => {
    await using slapd = await startSlapd({ ...policies, overlays: ['syncprov'] });
    await slapd.change(`dn: uid=eve,${people}\nchangetype: modify\nadd: employeeType\nemployeeType: left\n`);
    await using at = await directoryFixture(slapd, { users: { base: people, active: `user.employeeType != 'left'` } });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true });
    at.configure(half);
    await expectRefusal(at, 'source.signVanished', 'employeeType');
  });

  test('makes a reading of changes a complete one before a user becomes active', async () => {
    await using slapd = await startSlapd({ ...policies, overlays: ['syncprov'] });
    const lock = (uid: string, value: string): Promise<void> =>
      slapd.change(`dn: uid=${uid},${people}\nchangetype: modify\nreplace: pwdAccountLockedTime\n${value}`);
    await lock('eve', 'pwdAccountLockedTime: 000001010000Z\n');
    await lock('bob', 'pwdAccountLockedTime: 000001010000Z\n');
    await using at = await directoryFixture(slapd, { users: { base: people } });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true });
    // One is unlocked, the other still shows the sign.
    await lock('eve', '');
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(run.stderr).toContain('a sign of inactivity vanished');
    expect(at.active()).toEqual({ ada: true, eve: true });
  });
});

describe('the kind of directory', () => {
  describeOn('slapd', 'that auto found', () => {
    test('is remembered, and another one is refused until it is configured or accepted', async () => {
      const ldif = [person('ada'), person('bob')].join('\n');
      await using slapd = await startSlapd({ ldif, overlays: ['syncprov'] });
      await using other = await startDs389({ ldif });
      await using at = await directoryFixture(slapd, { users: { base: people, key: 'uid' } });
      expectExitCode(await at.pass(), 0);
      const bind = { dn: other.admin.dn, password: other.admin.password };
      const moved = { url: other.url, bind, tls: { caFile: other.caFile } };
      at.configure(moved);
      await expectRefusal(at, 'source.directoryChanged', '389ds');
      at.configure({ ...moved, directory: '389ds' });
      expectExitCode(await at.pass(), 0);
      at.configure(moved);
      expectExitCode(await at.pass(), 0);
    });
  });
});

describeOn('389ds', 'attributes that the server computes', () => {
  const role = (cn: string): string =>
    changeRecord(`cn=${cn},${suffix}`, 'add', [
      'objectClass: top',
      'objectClass: ldapSubEntry',
      'objectClass: nsRoleDefinition',
      'objectClass: nsSimpleRoleDefinition',
      'objectClass: nsManagedRoleDefinition',
      `cn: ${cn}`,
    ]);
  const template = `cn="cn=locked,${suffix}",cn=templates,${suffix}`;
  const definition = `cn=locking,${suffix}`;

  test('are found in readings of changes: nsAccountLock by a class of service that follows a role', async () => {
    await using server = await startDs389();
    await server.change(
      [
        ...['ada', 'bob', 'eve'].map((uid) =>
          changeRecord(`uid=${uid},${people}`, 'add', [
            'objectClass: inetOrgPerson',
            `uid: ${uid}`,
            `cn: ${uid}`,
            'sn: T',
          ]),
        ),
        role('locked'),
        changeRecord(`cn=templates,${suffix}`, 'add', ['objectClass: nsContainer', 'cn: templates']),
        changeRecord(`uid=eve,${people}`, 'modify', ['add: nsRoleDN', `nsRoleDN: cn=locked,${suffix}`]),
      ].join('\n'),
    );
    await using at = await directoryFixture(
      server,
      { users: { base: people }, groups: { base: groups } },
      { guard: { maxRemovals: '100%' } },
    );
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
    // No entry of a user changes: the definitions alone do.
    await server.change(
      [
        changeRecord(template, 'add', [
          'objectClass: top',
          'objectClass: ldapSubEntry',
          'objectClass: extensibleObject',
          'objectClass: cosTemplate',
          'nsAccountLock: true',
        ]),
        changeRecord(definition, 'add', [
          'objectClass: top',
          'objectClass: ldapSubEntry',
          'objectClass: cosSuperDefinition',
          'objectClass: cosClassicDefinition',
          `cosTemplateDn: cn=templates,${suffix}`,
          'cosSpecifier: nsRole',
          'cosAttribute: nsAccountLock operational',
        ]),
      ].join('\n'),
    );
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: false });
    // The role of one user is a change of that user's entry.
    await server.change(
      changeRecord(`uid=bob,${people}`, 'modify', ['add: nsRoleDN', `nsRoleDN: cn=locked,${suffix}`]),
    );
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(run.stderr).not.toContain('doing a full read');
    expect(at.active()).toEqual({ ada: true, bob: false, eve: false });
  });
});
