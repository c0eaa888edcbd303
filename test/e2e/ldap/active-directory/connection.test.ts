import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../../world/directory/directory-fixture.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import {
  replaceRecord,
  unicodePassword,
  units,
  user,
  userDn,
  peopleUnit,
} from '../../../world/directory/ldif/samba-entries.ts';
import { startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import { createCliWorkspace, type CliResult } from '../../../world/cli-workspace.ts';
import { expectExitCode } from '../../../world/fixture.ts';

jest.setTimeout(60_000);

describeOn('samba', 'a connection to Active Directory', () => {
  const password = 'Reader-4711.pw';
  const reader = (login: string, more: Readonly<Record<string, string>> = {}): string =>
    user(login, { unicodePwd: unicodePassword(password), userAccountControl: '512', ...more });
  const simple = (dn: string) => ({ dn, password: { env: 'LDAP_PASSWORD' } });

  let samba: Samba;
  let at: DirectoryFixture;
  beforeAll(async () => {
    samba = await startSamba({
      ldif: [
        units,
        user('ada'),
        reader('reader'),
        reader('must-change', { pwdLastSet: '0' }),
        reader('off', { userAccountControl: '514' }),
        // The end of 2001.
        reader('over', { accountExpires: '126542304000000000' }),
        reader('old'),
      ].join(''),
    });
    await samba.store(replaceRecord(userDn('old'), { pwdLastSet: '126542304000000000' }));
    at = await directoryFixture(
      { ...samba, admin: { dn: samba.admin.dn, password } },
      { directory: 'activeDirectory', users: { base: peopleUnit, filter: '(sAMAccountName=ada)' } },
    );
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await samba[Symbol.asyncDispose]();
  });

  const plain = (): object => ({ url: samba.plainUrl });
  test.each<[string, () => object]>([
    ['ldaps and a DN', () => ({ bind: simple(userDn('reader')) })],
    ['ldaps and a principal name', () => ({ bind: simple('reader@example.test') })],
    ['ldaps and a name of the domain', () => ({ bind: simple('EXAMPLE\\reader') })],
    ['StartTLS and a DN', () => ({ ...plain(), startTls: true, bind: simple(userDn('reader')) })],
    ['StartTLS and a principal name', () => ({ ...plain(), startTls: true, bind: simple('reader@example.test') })],
    ['a kind that is found out', () => ({ directory: 'auto', bind: simple('reader@example.test') })],
    [
      'the second URL, after the first refused the connection',
      () => ({ url: [`ldaps://${samba.address}:9`, samba.url], bind: simple('reader@example.test') }),
    ],
  ])('works by %s', async (_name, source) => {
    at.configure({ ...source() });
    expectExitCode(await at.pass('--full'), 0);
    expect(at.active()).toEqual({ 'ada@example.test': true });
  });

  test('init finds the domain, the kind of directory and the key', async () => {
    await using cli = createCliWorkspace({ APP_TOKEN: at.app.token, LDAP_PASSWORD: password });
    const source = ['--source', 'ldap', '--ldap-url', samba.url, '--ca-file', samba.caFile, '--base', peopleUnit];
    const account = ['--bind-dn', 'reader@example.test', '--filter', '(sAMAccountName=ada)', '--groups-base', 'none'];
    const target = ['--target-url', at.app.url, '--secret', 'env:APP_TOKEN'];
    const run = await cli.run('init', '--yes', ...source, ...account, ...target);
    expectExitCode(run, 0);
    expect(run.stderr).toContain(`the directory answers: activeDirectory, with ${samba.suffix}`);
    expect(run.stderr).toContain('key of users: objectGUID');
    expect(run.stdout).toContain('app: create 1');
  });

  test('check reports the directory profile and the change method', async () => {
    at.configure({ directory: 'auto', bind: simple('reader@example.test') });
    const { stdout } = await at.cli.run('check');
    expect(stdout).toContain(`${samba.url}: directory profile activeDirectory`);
    expect(stdout).toContain('key of users: objectGUID');
    expect(stdout).toContain(
      'incremental reads use the DirSync control or, if the account may not use that, uSNChanged',
    );
  });

  describe('that is refused', () => {
    beforeAll(async () => {
      at.configure({ bind: simple('reader@example.test') });
      expectExitCode(await at.pass(), 0);
      at.app.log.splice(0);
    });
    test.each<[string, () => object, string]>([
      [
        'a wrong password',
        () => ({ bind: simple('ada@example.test') }),
        'the bind as "ada@example.test": the name or the password is wrong',
      ],
      [
        'an account that does not exist',
        () => ({ bind: simple('unknown@example.test') }),
        'the bind as "unknown@example.test": the name or the password is wrong',
      ],
      [
        'a disabled account',
        () => ({ bind: simple('off@example.test') }),
        'the bind as "off@example.test": the account is disabled',
      ],
      [
        'an expired account',
        () => ({ bind: simple('over@example.test') }),
        'the bind as "over@example.test": the account has expired',
      ],
      [
        'a password whose time is over',
        () => ({ bind: simple('old@example.test') }),
        'the bind as "old@example.test": the password has expired',
      ],
      [
        'a password that must be changed',
        () => ({ bind: simple('must-change@example.test') }),
        'the bind as "must-change@example.test": the password must be changed first',
      ],
      [
        'a password over a plain connection',
        () => ({ ...plain(), allowPlaintextPassword: true, bind: simple('reader@example.test') }),
        'the bind as "reader@example.test" on an unencrypted connection',
      ],
      ['no bind at all', () => ({ bind: undefined }), 'operationsError'],
    ])('by %s is one error without side effects', async (_name, source, sentence) => {
      at.configure({ ...source() });
      await refused(await at.pass(), sentence);
    });

    async function refused(run: CliResult, sentence: string): Promise<void> {
      expectExitCode(run, 1);
      expect(run.stderr).toContain(sentence);
      expect(run.stderr + run.stdout).not.toContain(password);
      expect(at.app.log).toEqual([]);
      at.configure({ bind: simple('reader@example.test') });
      expectExitCode(await at.pass(), 0);
      expect(at.app.log).toEqual([]);
    }
  });

  test('in clear is refused by the configuration, before anything is sent anywhere', async () => {
    at.configure({ ...plain(), bind: simple('reader@example.test') });
    at.app.log.splice(0);
    const run = await at.pass();
    expectExitCode(run, 4);
    expect(run.stderr).toContain('is not encrypted, and the password would be sent in clear');
    expect(at.app.log).toEqual([]);
  });
});
