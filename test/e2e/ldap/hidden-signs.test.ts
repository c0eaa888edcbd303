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

  // A member of this group is the account for which a rule hides values: a change of the group changes the rule.
  const blind = `cn=blind,${suffix}`;
  const rule = (attributes: string, level: string): string =>
    `overlay ppolicy
access to attrs=${attributes} by group.exact="${blind}" ${level} by users read
access to * by users read by anonymous auth`;
  const blindGroup = ldifEntry(blind, { objectClass: 'groupOfNames', cn: 'blind', member: 'cn=admin' });
  const hide = changeRecord(blind, 'modify', ['add: member', `member: ${half.bind.dn}`]);
  const lock = (uid: string): string =>
    changeRecord(`uid=${uid},${people}`, 'modify', [
      'replace: pwdAccountLockedTime',
      'pwdAccountLockedTime: 000001010000Z',
    ]);
  const unlock = (uid: string): string =>
    changeRecord(`uid=${uid},${people}`, 'modify', ['delete: pwdAccountLockedTime']);
  const withRule = (level: string, more = ''): Parameters<typeof startSlapd>[0] => ({
    overlays: ['syncprov'],
    ldif: [person('ada'), person('bob'), person('eve'), reader, blindGroup, more].join('\n'),
    database: rule('pwdAccountLockedTime,member', level),
  });

  test('is a complete reading before a user becomes active, if the server proves nothing', async () => {
    await using slapd = await startSlapd(withRule('=rs'));
    await slapd.change([hide, lock('eve'), lock('bob')].join('\n'));
    await using at = await directoryFixture(slapd, { users: { base: people }, ...half });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true });
    // One is unlocked, the other still shows the sign.
    await slapd.change(unlock('eve'));
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(run.stderr).toContain('a sign of inactivity vanished');
    expect(at.active()).toEqual({ ada: true, eve: true });
    await slapd.change(unlock('bob'));
    await expectRefusal(at, 'source.signVanished', 'bob would count as active');
  });

  test('is accepted from the only user who shows it, if the server proves that the entry lacks it', async () => {
    await using slapd = await startSlapd(withRule('none'));
    await slapd.change(lock('eve'));
    await using at = await directoryFixture(slapd, { users: { base: people }, ...half });
    expectExitCode(await at.pass(), 0);
    await slapd.change(unlock('eve'));
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(run.stderr).not.toContain('doing a full read');
    expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
    await slapd.change(lock('bob'));
    expectExitCode(await at.pass(), 0);
    await slapd.change(unlock('bob'));
    expectExitCode(await at.pass('--full'), 0);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
  });

  test.each(['none', 'compare'])('refuses readings of changes that showed it first: %s', async (level) => {
    await using slapd = await startSlapd(withRule(level));
    const source = { users: { base: people }, ...half };
    await using at = await directoryFixture(slapd, source, { guard: { maxRemovals: '100%' } });
    expectExitCode(await at.pass(), 0);
    await slapd.change([lock('eve'), lock('bob')].join('\n'));
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: false, eve: false });
    await slapd.change(
      [hide, changeRecord(`uid=eve,${people}`, 'modify', ['replace: title', 'title: Clerk'])].join('\n'),
    );
    await expectRefusal(at, 'source.signVanished', 'would count as active');
    drainLog(at.app);
    expectExitCode(await at.pass('--full'), 1);
    expect(drainLog(at.app)).toEqual([]);
  });

  test.each(['none', 'compare'])(
    'members that it hides do not leave a group of which something else changes: %s',
    async (level) => {
      const dn = (cn: string): string => `cn=${cn},${groups}`;
      const group = (cn: string): string =>
        ldifEntry(dn(cn), {
          objectClass: 'groupOfNames',
          cn,
          member: ['ada', 'bob', 'eve'].map((uid) => `uid=${uid},${people}`),
        });
      await using slapd = await startSlapd(withRule(level, [group('a'), group('b')].join('\n')));
      await using at = await directoryFixture(slapd, { users: { base: people }, groups: { base: groups }, ...half });
      expectExitCode(await at.pass(), 0);
      await slapd.change(
        [hide, changeRecord(dn('a'), 'modify', ['replace: description', 'description: x'])].join('\n'),
      );
      await expectRefusal(at, 'source.membersVanished', dn('a'));
    },
  );
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

describeOn('389ds', 'a lock of one user', () => {
  test('ends when the server proves that the entry lacks it, and not when a rule hides it', async () => {
    await using server = await startDs389();
    const lock = (uid: string): string =>
      changeRecord(`uid=${uid},${people}`, 'modify', ['replace: nsAccountLock', 'nsAccountLock: true']);
    await server.change(
      ['ada', 'bob', 'eve']
        .map((uid) =>
          changeRecord(`uid=${uid},${people}`, 'add', [
            'objectClass: inetOrgPerson',
            `uid: ${uid}`,
            `cn: ${uid}`,
            'sn: T',
          ]),
        )
        .concat(
          changeRecord(half.bind.dn, 'add', [
            'objectClass: organizationalRole',
            'objectClass: simpleSecurityObject',
            'cn: half',
            `userPassword: ${half.bind.password}`,
          ]),
          lock('eve'),
        )
        .join('\n'),
    );
    await using at = await directoryFixture(server, { users: { base: people }, ...half });
    expectExitCode(await at.pass(), 0);
    await server.change(changeRecord(`uid=eve,${people}`, 'modify', ['delete: nsAccountLock']));
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
    await server.change(lock('eve'));
    expectExitCode(await at.pass(), 0);
    const aci = '(targetattr="nsAccountLock")(version 3.0; acl "hidden"; deny (read, search) userdn="ldap:///all";)';
    await server.change(changeRecord(suffix, 'modify', ['add: aci', `aci: ${aci}`]));
    await server.change(changeRecord(`uid=eve,${people}`, 'modify', ['replace: title', 'title: Clerk']));
    await expectRefusal(at, 'source.signVanished', 'although the server still has it');
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
