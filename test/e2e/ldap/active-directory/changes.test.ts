import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openDatabase } from '../../../../src/store/database.ts';
import { directoryFixture, type DirectoryFixture } from '../../../world/directory/directory-fixture.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import {
  addRecord,
  deleteRecord,
  group,
  groupDn,
  groupsUnit,
  addMembers,
  peopleUnit,
  removeMembers,
  renameRecord,
  replaceRecord,
  restoreRecord,
  unicodePassword,
  unit,
  units,
  user,
  userDn,
} from '../../../world/directory/ldif/samba-entries.ts';
import { domain, startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import type { CliResult } from '../../../world/cli-workspace.ts';
import { expectExitCode, writes } from '../../../world/fixture.ts';
import { unlimitedGuard } from '../../../world/limits.ts';

jest.setTimeout(60_000);

type Settings = Readonly<Record<string, unknown>>;

const password = 'Reader-4711.pw';
const byUsn = { directory: { extends: 'activeDirectory', changes: ['usn'] } };
const methods = [
  ['DirSync', {}],
  ['uSNChanged', byUsn],
] as const;

describeOn('samba', 'changes of Active Directory', () => {
  let samba: Samba;
  let at: DirectoryFixture;
  beforeEach(async () => {
    samba = await startSamba({
      ldif: [
        units,
        user('reader', { unicodePwd: unicodePassword(password), userAccountControl: '512' }, { parent: domain }),
        user('ada'),
        user('bob'),
        user('eve'),
        user('once'),
        group('crew', [userDn('ada'), userDn('bob')]),
        deleteRecord(userDn('once')),
      ].join(''),
    });
    at = await directoryFixture(
      { ...samba, admin: { dn: samba.admin.dn, password: samba.admin.password } },
      {
        directory: 'activeDirectory',
        users: { base: peopleUnit },
        groups: { base: groupsUnit },
        sanity: { maxShrink: '100%' },
      },
      { guard: unlimitedGuard },
    );
  });
  afterEach(async () => {
    await at[Symbol.asyncDispose]();
    await samba[Symbol.asyncDispose]();
  });

  const lastMessage = (run: CliResult): string | undefined =>
    /"msg":"(the source did not change|source read|incremental read not possible; doing a full read)"/.exec(
      run.stderr,
    )?.[1];
  const why = (run: CliResult): string | undefined => /"reason":"([^"]*)"[^\n]*doing a full read/.exec(run.stderr)?.[1];

  describe.each(methods)('by %s', (_way, source) => {
    beforeEach(async () => {
      at.configure(source);
      expectExitCode(await at.pass(), 0);
      expect(at.active()).toEqual(actives('ada', 'bob', 'eve'));
      at.app.log.splice(0);
    });

    test('an unchanged pass sends no request and reads no entry', async () => {
      const run = await at.pass();
      expectExitCode(run, 0);
      expect(lastMessage(run)).toBe('the source did not change');
      expect(at.app.log).toEqual([]);
    });

    test('joiners, movers and leavers are found; each costs one request', async () => {
      await samba.change(
        user('new') +
          replaceRecord(userDn('ada'), { title: 'Head' }) +
          deleteRecord(userDn('eve')) +
          addMembers(groupDn('crew'), userDn('new')),
      );
      const run = await at.pass();
      expectExitCode(run, 0);
      expect(why(run)).toBeUndefined();
      expect(at.active()).toEqual({ ...actives('ada', 'bob', 'new'), 'eve@example.test': false });
      expect(at.members()).toEqual({ crew: ['ada@example.test', 'bob@example.test', 'new@example.test'] });
      expect(
        writes(at.app.log)
          .map(({ method }) => method)
          .sort(),
      ).toEqual(['PATCH', 'PATCH', 'PATCH', 'POST']);
    });

    test('a user who is disabled, leaves the base or leaves the filter is a leaver', async () => {
      at.configure({ ...source, users: { base: peopleUnit, filter: '(!(company=Out))' } });
      expectExitCode(await at.pass(), 0);
      expect(lastMessage(await at.pass())).toBe('the source did not change');
      await samba.change(
        replaceRecord(userDn('ada'), { userAccountControl: '546' }) +
          renameRecord(userDn('bob'), 'CN=bob', domain) +
          replaceRecord(userDn('eve'), { company: 'Out' }),
      );
      const run = await at.pass();
      expectExitCode(run, 0);
      expect(why(run)).toBeUndefined();
      expect(at.active()).toEqual({ 'ada@example.test': false, 'bob@example.test': false, 'eve@example.test': false });
    });

    test('a restored object is the same user, without the former memberships', async () => {
      const before = [...at.app.users.keys()];
      const guid = /^objectGUID: (.+)$/m.exec(await samba.stored('(sAMAccountName=ada)', 'objectGUID'))?.[1] ?? '';
      await samba.change(deleteRecord(userDn('ada')));
      expectExitCode(await at.pass(), 0);
      expect(at.active()['ada@example.test']).toBe(false);
      await samba.changeDeleted(restoreRecord(`CN=ada\\0ADEL:${guid},CN=Deleted Objects,${domain}`, userDn('ada')));
      await samba.change(replaceRecord(userDn('ada'), { userPrincipalName: 'ada@example.test' }));
      expectExitCode(await at.pass(), 0);
      expect(at.active()['ada@example.test']).toBe(true);
      expect([...at.app.users.keys()]).toEqual(before);
      expect(at.members()).toEqual({ crew: ['bob@example.test'] });
    });

    test('a new user with the name of a leaver does not inherit the memberships', async () => {
      await samba.change(deleteRecord(userDn('ada')));
      expectExitCode(await at.pass(), 0);
      await samba.change(user('another', {}, { cn: 'ada' }));
      expectExitCode(await at.pass(), 0);
      expect(at.active()).toEqual({ ...actives('another', 'bob', 'eve'), 'ada@example.test': false });
      expect(at.members()).toEqual({ crew: ['bob@example.test'] });
    });

    test('a container with units is renamed: a full read follows', async () => {
      await samba.change(
        [
          addRecord(`O=Corp,${domain}`, { objectClass: 'organization' }),
          unit('Sub', `O=Corp,${domain}`),
          user('deep', {}, { parent: `OU=Sub,O=Corp,${domain}` }),
        ].join(''),
      );
      const mapping = { mapping: { user: { title: 'user.dn' } } };
      at.configure({ ...source, users: { base: domain, filter: '(sAMAccountName=deep)' } }, mapping);
      expectExitCode(await at.pass('--accept-source'), 0);
      await samba.change(renameRecord(`O=Corp,${domain}`, 'O=Group'));
      expectExitCode(await at.pass(), 0);
      expect(
        [...at.app.users.values()].find(({ data }) => data['userName'] === 'deep@example.test')?.data['title'],
      ).toBe(`CN=deep,OU=Sub,O=Group,${domain}`);
    });

    test.each<[string, object, () => string]>([
      ['a membership', { filter: `(memberOf=${groupDn('crew')})` }, () => addMembers(groupDn('crew'), userDn('eve'))],
      [
        'a membership at any depth',
        { filter: `(memberOf:1.2.840.113556.1.4.1941:=${groupDn('crew')})` },
        () => addMembers(groupDn('crew'), userDn('eve')),
      ],
      [
        'no person by its class',
        { filter: '(objectClass=contact)' },
        () =>
          addRecord(`CN=eve,${groupsUnit}`, { objectClass: 'contact' }) +
          renameRecord(`CN=eve,${groupsUnit}`, 'CN=eve the contact', peopleUnit),
      ],
    ])('a filter for %s misses no user', async (_name, { filter }: { filter?: string }, change) => {
      at.configure(
        // A contact has no userAccountControl.
        { ...source, users: { base: peopleUnit, filter, active: 'true' } },
        { mapping: { user: { userName: 'user.cn', title: 'user.info' } } },
      );
      await samba.change(addRecord(`CN=kim,${peopleUnit}`, { objectClass: 'contact' }));
      expectExitCode(await at.pass(), 0);
      await samba.change(change());
      expectExitCode(await at.pass(), 0);
      expect(
        Object.entries(at.active())
          .filter(([, active]) => active)
          .map(([name]) => name),
      ).toContainEqual(expect.stringMatching(/^eve/));
    });
  });

  const editBookmark = (change: (bookmark: Record<string, string>) => object): void => {
    const db = openDatabase(at.cli.path('scimsync.db'));
    try {
      const bookmark = JSON.parse(db.prepare('select bookmark from reading').pluck().get() as string) as Record<
        string,
        string
      >;
      expect(db.prepare('update reading set bookmark = ?').run(JSON.stringify(change(bookmark))).changes).toBe(1);
    } finally {
      db.close();
    }
  };
  test.each<[string, (known: { readonly invocation: string; readonly usn: string }) => object]>([
    ['lost changes', (known) => ({ ...known, usn: String(BigInt(known.usn) + 1000n) })],
    ['was restored', (known) => ({ ...known, invocation: known.invocation.replace(/^../, 'zz') })],
  ])('a domain controller that %s is refused until an operator accepts it', async (_, change) => {
    expectExitCode(await at.pass(), 0);
    const db = openDatabase(at.cli.path('scimsync.db'));
    const facts = JSON.parse(db.prepare('select facts from reading').pluck().get() as string) as {
      position: { controllers: Record<string, { invocation: string; usn: string }> };
    };
    const controllers = Object.entries(facts.position.controllers).map(([name, known]) => [name, change(known)]);
    expect(controllers).toHaveLength(1);
    const position = { controllers: Object.fromEntries(controllers) as unknown };
    db.prepare('update reading set facts = ?').run(JSON.stringify({ ...facts, position }));
    db.close();
    const refused = await at.pass();
    expectExitCode(refused, 1);
    expect(refused.stderr).toContain('source.wentBack');
    expectExitCode(await at.cli.run('sync', '--accept-source'), 0);
    expectExitCode(await at.pass(), 0);
  });

  test.each<[string, Settings, (bookmark: Record<string, string>) => object, string]>([
    [
      'a cookie that is garbage',
      {},
      (old) => ({ ...old, cookie: Buffer.from('no cookie').toString('base64') }),
      'DirSync: result code 12',
    ],
    [
      'another domain controller',
      byUsn,
      (old) => ({
        ...old,
        controller: `CN=NTDS Settings,CN=DC2${(old['controller'] ?? '').slice('CN=NTDS Settings,CN=DC1'.length)}`,
      }),
      'change numbers of another domain controller',
    ],
    [
      'the same domain controller with another database',
      byUsn,
      (old) => ({
        ...old,
        invocation: (old['invocation'] ?? '').replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
      }),
      'change numbers of another domain controller',
    ],
    [
      'change numbers that went back',
      byUsn,
      (old) => ({ ...old, usn: '99999999' }),
      'highestCommittedUSN has decreased',
    ],
  ])('%s: everything is read, and a leaver of the meantime is found', async (_name, source, change, reason) => {
    at.configure(source);
    expectExitCode(await at.pass(), 0);
    editBookmark(change);
    await samba.change(deleteRecord(userDn('eve')));
    at.app.log.splice(0);
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(why(run)).toContain(reason);
    expect(at.active()).toEqual({ ...actives('ada', 'bob'), 'eve@example.test': false });
    expect(writes(at.app.log)).toHaveLength(1);
    expect(lastMessage(await at.pass())).toBe('the source did not change');
  });

  test.each(methods)(
    'an account that may not see who was deleted reads everything each time, and finds them (%s)',
    async (_way, source) => {
      await using reader = await directoryFixture(
        { ...samba, admin: { dn: 'reader@example.test', password } },
        {
          directory: 'activeDirectory',
          users: { base: peopleUnit },
          groups: { base: groupsUnit },
          ...source,
        },
      );
      expectExitCode(await reader.pass(), 0);
      await samba.change(deleteRecord(userDn('eve')) + replaceRecord(userDn('ada'), { title: 'Head' }));
      reader.app.log.splice(0);
      const run = await reader.pass();
      expectExitCode(run, 0);
      expect(lastMessage(run)).toBe('source read');
      expect(reader.active()).toEqual({ ...actives('ada', 'bob'), 'eve@example.test': false });
      expect(writes(reader.app.log)).toHaveLength(2);
    },
  );

  test('an account that may no longer read tombstones does full reads, and the log has the reason', async () => {
    await samba.change(addMembers(admins, userDn('reader', domain)));
    await using reader = await directoryFixture(
      { ...samba, admin: { dn: 'reader@example.test', password } },
      {
        ...byUsn,
        users: { base: peopleUnit },
        groups: { base: groupsUnit },
      },
    );
    expectExitCode(await reader.pass(), 0);
    expect(lastMessage(await reader.pass())).toBe('the source did not change');
    await samba.change(removeMembers(admins, userDn('reader', domain)) + deleteRecord(userDn('eve')));
    const run = await reader.pass();
    expectExitCode(run, 0);
    expect(why(run)).toContain('the bind account cannot read deleted objects');
    expect(reader.active()).toEqual({ ...actives('ada', 'bob'), 'eve@example.test': false });
  });

  test('another account may see other people, so that everything is read', async () => {
    at.configure(byUsn);
    expectExitCode(await at.pass(), 0);
    at.configure({ ...byUsn, bind: { dn: samba.adminPrincipal.dn, password: { env: 'LDAP_PASSWORD' } } });
    expect(lastMessage(await at.pass())).toBe('source read');
    expect(lastMessage(await at.pass())).toBe('the source did not change');
  });
});

const admins = `CN=Domain Admins,CN=Users,${domain}`;
const actives = (...logins: readonly string[]): Record<string, true> =>
  Object.fromEntries(logins.map((login) => [`${login}@example.test`, true]));
