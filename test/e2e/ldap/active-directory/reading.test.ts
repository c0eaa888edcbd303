import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../../world/directory/directory-fixture.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import {
  addRecord,
  deleteRecord,
  group,
  groupsUnit,
  peopleUnit,
  replaceRecord,
  unit,
  units,
  user,
  userDn,
} from '../../../world/directory/ldif/samba-entries.ts';
import { domain, startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import { enterpriseUser, expectExitCode, writes } from '../../../world/fixture.ts';
import { unlimitedGuard } from '../../../world/limits.ts';

jest.setTimeout(60_000);

describeOn('samba', 'a reading of Active Directory', () => {
  let samba: Samba;
  let at: DirectoryFixture;
  beforeAll(async () => {
    samba = await startSamba({
      ldif: [
        units,
        user('boss'),
        user('ada', {
          givenName: 'Ada',
          sn: 'Müller, "A"',
          displayName: 'Ada Müller',
          mail: 'ada@corp.test',
          telephoneNumber: '+49 1',
          title: 'Engineer',
          employeeID: '4711',
          department: 'Research',
          manager: userDn('boss'),
        }),
        user('off', { userAccountControl: '546' }),
        user('over', { accountExpires: fileTime(Date.now() - 1000) }),
        user('never', { accountExpires: '0' }),
        user('ever', { accountExpires: '9223372036854775807' }),
        user('later', { accountExpires: fileTime(Date.now() + 86_400_000) }),
        addRecord(`CN=pc,${peopleUnit}`, {
          objectClass: 'computer',
          sAMAccountName: 'pc$',
          userAccountControl: '4128',
        }),
        addRecord(`CN=guest,${peopleUnit}`, { objectClass: 'contact', mail: 'guest@elsewhere.test' }),
        group('crew', [userDn('ada'), userDn('off'), `CN=pc,${peopleUnit}`, `CN=guest,${peopleUnit}`]),
      ].join(''),
    });
    at = await directoryFixture(
      samba,
      { directory: 'activeDirectory', users: { base: peopleUnit }, groups: { base: groupsUnit } },
      { guard: unlimitedGuard },
    );
    expectExitCode(await at.pass(), 0);
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await samba[Symbol.asyncDispose]();
  });

  test('finds who is disabled and whose account has expired; computers and contacts are no people', () => {
    expect(at.active()).toEqual({
      'ada@example.test': true,
      'boss@example.test': true,
      'never@example.test': true,
      'ever@example.test': true,
      'later@example.test': true,
    });
    expect(at.members()).toEqual({ crew: ['ada@example.test'] });
  });

  test('knows people and groups by objectGUID, as the server itself writes it', async () => {
    const guidOf = async (name: string): Promise<string | undefined> =>
      /^objectGUID: (.+)$/m.exec(await samba.stored(`(sAMAccountName=${name})`, 'objectGUID'))?.[1];
    const [ada, crew] = [await guidOf('ada'), await guidOf('crew')];
    expect(ada).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(theOne('ada')['externalId']).toBe(ada);
    expect([...at.app.groups.values()].map(({ data }) => data['externalId'])).toEqual([crew]);
  });

  test('maps by default what every application wants', () => {
    const boss = [...at.app.users.values()].find(({ data }) => data['userName'] === 'boss@example.test');
    expect(theOne('ada')).toMatchObject({
      userName: 'ada@example.test',
      name: { givenName: 'Ada', familyName: 'Müller, "A"' },
      displayName: 'Ada Müller',
      title: 'Engineer',
      emails: [{ type: 'work', value: 'ada@corp.test' }],
      phoneNumbers: [{ type: 'work', value: '+49 1' }],
      [enterpriseUser]: { employeeNumber: '4711', department: 'Research', manager: { value: boss?.id } },
    });
  });

  test('finds the same by a kind that is found out, and has nothing to send', async () => {
    at.configure({ directory: 'auto' });
    at.app.log.splice(0);
    expectExitCode(await at.pass('--full'), 0);
    expect(writes(at.app.log)).toEqual([]);
    at.configure({});
  });

  test('finds a time that passes while nothing changes', async () => {
    const end = Date.now() + 2500;
    await samba.change(user('temp', { accountExpires: fileTime(end) }));
    expectExitCode(await at.pass(), 0);
    expect(at.active()['temp@example.test']).toBe(true);
    at.app.log.splice(0);
    while (Date.now() <= end) expectExitCode(await at.pass(), 0);
    expectExitCode(await at.pass(), 0);
    expect(at.active()['temp@example.test']).toBe(false);
    expect(writes(at.app.log)).toHaveLength(1);
    await samba.change(deleteRecord(userDn('temp')));
    expectExitCode(await at.pass(), 0);
  });

  test('works at the root of the domain, despite references to its own partitions', async () => {
    await samba.change(unit('Far') + user('far', {}, { parent: `OU=Far,${domain}` }));
    at.configure({
      users: { base: domain, filter: '(userPrincipalName=*)' },
      groups: { base: domain, filter: '(|(cn=crew)(cn=Domain Users))' },
    });
    const run = await at.pass('--accept-source');
    expectExitCode(run, 0);
    expect(Object.keys(at.active())).toContain('far@example.test');
    expect(at.members()['Domain Users']).toEqual(
      ['ada', 'boss', 'ever', 'far', 'later', 'never'].map((login) => `${login}@example.test`),
    );
    at.configure({});
    expectExitCode(await at.pass('--accept-source'), 0);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a base that is not there', { users: { base: `OU=Nowhere,${domain}` } }, 'ldap.noSuchObject'],
    ['a base of another domain', { users: { base: 'DC=elsewhere,DC=test' } }, 'ldap.noSuchObject'],
    ['a base that is no name', { users: { base: 'People' } }, 'source.users.base'],
  ])('is not complete with %s: nothing is sent', async (_name, source, text) => {
    const before = at.active();
    at.configure(source);
    at.app.log.splice(0);
    const run = await at.pass('--accept-source');
    expect(run.code).toBe(text.startsWith('source') ? 4 : 1);
    expect(run.stderr).toContain(text);
    expect(at.app.log).toEqual([]);
    expect(at.active()).toEqual(before);
    at.configure({});
  });

  test('rejects a user with an invalid expiry, and no user counts as a leaver meanwhile', async () => {
    at.configure({ directory: { extends: 'activeDirectory', inactive: [{ attribute: 'title', past: 'fileTime' }] } });
    const run = await at.pass();
    expect(run.stderr).toContain('title = \\"Engineer\\"');
    expect(at.active()['ada@example.test']).toBe(true);
    at.configure({});
    await samba.change(replaceRecord(userDn('ada'), { title: [] }));
    expectExitCode(await at.pass(), 0);
    expect(theOne('ada')).not.toHaveProperty('title');
  });

  function theOne(login: string): Readonly<Record<string, unknown>> {
    const found = [...at.app.users.values()].filter(({ data }) => data['userName'] === `${login}@example.test`);
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} accounts for ${login}`);
    return found[0].data;
  }
});

function fileTime(ms: number): string {
  return ((BigInt(Math.trunc(ms)) + 11_644_473_600_000n) * 10_000n).toString();
}
