import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createUnit } from '../../world/directory/create-unit.ts';
import { directoryFixture } from '../../world/directory/directory-fixture.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { ldapTool } from '../../world/directory/servers/server.ts';
import { startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const policies = `ou=policies,${suffix}`;
const reader = `cn=reader,${policies}`;

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({
    overlays: ['syncprov'],
    database: `overlay ppolicy\nppolicy_default "cn=standard,${policies}"\naccess to * by * read by anonymous auth`,
    ldif: [
      ldifEntry(policies, { objectClass: 'organizationalUnit', ou: 'policies' }),
      ldifEntry(`cn=standard,${policies}`, {
        objectClass: ['pwdPolicy', 'device'],
        ...{ cn: 'standard', pwdAttribute: 'userPassword' },
        // As a typical policy of Active Directory: five wrong passwords lock the account.
        ...{ pwdLockout: 'TRUE', pwdMaxFailure: '5', pwdLockoutDuration: '0' },
      }),
      ldifEntry(reader, { objectClass: ['device', 'simpleSecurityObject'], cn: 'reader', userPassword: 'right' }),
    ].join('\n'),
  });
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

test('a live daemon does not lock its bind account, and uses a new password at once', async () => {
  const base = await createUnit(slapd, 'refused', { ada: {}, bob: {} });
  const bind = { dn: reader, password: { file: 'password' } };
  await using at = await directoryFixture(slapd, { users: { base }, bind, changes: 'live' });
  at.configure({}, {}, { schedule: '* * * * * *' });
  writeFileSync(at.cli.path('password'), 'wrong\n', { mode: 0o600 });
  const daemon = at.cli.start('daemon');
  const failures = (): number => daemon.output().stderr.split('ldap.credentialsRefused').length - 1;
  await waitUntil('five passes', () => failures() >= 5);
  expect(daemon.output().stderr).toContain('A daemon tries the credentials again at');
  const counted = await ldapTool(slapd, 'ldapsearch', ['-LLL', '-b', reader, '-s', 'base', 'pwdFailureTime']);
  expect(counted.match(/pwdFailureTime:/g)).toHaveLength(1);

  writeFileSync(at.cli.path('password'), 'right\n', { mode: 0o600 });
  await waitUntil('the load', () => at.app.users.size === 2);
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});
