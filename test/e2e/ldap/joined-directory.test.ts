import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createUnit } from '../../world/directory/create-unit.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ overlays: ['syncprov'] });
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

/** People of a CSV file, joined to the entries of a directory by the employee number. */
function configure(fixture: DirectoryFixture, directory: object, sanity = {}): void {
  fixture.configure(
    {},
    { mapping: { user: { userName: 'hr.login', 'emails[type eq "work"].value': 'ad.mail' } } },
    {
      source: undefined,
      sources: {
        hr: { type: 'csv', settleSeconds: 0, users: { file: 'hr.csv', key: 'id' }, sanity },
        ad: {
          type: 'ldap',
          ...directory,
          join: { on: 'ad.employeeNumber', equals: 'hr.id', keyForm: ['stripLeadingZeros'] },
        },
      },
    },
  );
}

async function joined(people: string, settings = {}): Promise<DirectoryFixture> {
  const fixture = await directoryFixture(slapd, {}, { guard: unlimitedGuard });
  const { url, caFile, admin } = slapd;
  configure(fixture, {
    url,
    bind: { dn: admin.dn, password: { env: 'LDAP_PASSWORD' } },
    tls: { caFile },
    users: { base: people },
    ...settings,
  });
  return fixture;
}

const hr = ({ cli }: DirectoryFixture, ...rows: readonly string[]): void =>
  writeFileSync(cli.path('hr.csv'), ['id,login', ...rows, ''].join('\n'));

const mails = ({ app }: DirectoryFixture): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...app.users.values()].map(({ data }) => [
      String(data['userName']),
      (data['emails'] as readonly { value: string }[] | undefined)?.[0]?.value,
    ]),
  );

const replace = (dn: string, attribute: string, value: string): Promise<void> =>
  slapd.change(`dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`);

test('a directory is joined to a CSV source, and its changes continue from its own bookmark', async () => {
  const people = await createUnit(slapd, 'joined', { ada: {}, bob: {}, printer: {} });
  for (const [uid, number] of [
    ['ada', '1'],
    ['bob', '2'],
  ])
    await replace(`uid=${uid ?? ''},${people}`, 'employeeNumber', number ?? '');
  for (const uid of ['ada', 'bob', 'printer']) await replace(`uid=${uid},${people}`, 'mail', `${uid}@example.com`);
  await using fixture = await joined(people);
  hr(fixture, '0001,a', '0002,b', '0003,c');
  expectExitCode(await fixture.pass(), 0);
  expect(mails(fixture)).toEqual({ a: 'ada@example.com', b: 'bob@example.com', c: undefined });

  // An incremental read of the directory: one changed entry, one that leaves, one that gets a number.
  await replace(`uid=ada,${people}`, 'mail', 'lovelace@example.com');
  await slapd.change(`dn: uid=bob,${people}\nchangetype: delete\n`);
  await replace(`uid=printer,${people}`, 'employeeNumber', '3');
  const changed = await fixture.pass();
  expectExitCode(changed, 0);
  expect(changed.stderr).not.toContain('full read');
  expect(mails(fixture)).toEqual({ a: 'lovelace@example.com', b: undefined, c: 'printer@example.com' });
  expectExitCode(await fixture.cli.run('plan', '--full', '--exit-code'), 0);
});

test('a change in a live joined directory reaches the accounts without a schedule', async () => {
  const people = await createUnit(slapd, 'live', { ada: {} });
  await replace(`uid=ada,${people}`, 'employeeNumber', '1');
  await replace(`uid=ada,${people}`, 'mail', 'ada@example.com');
  await using fixture = await joined(people, { changes: 'live' });
  hr(fixture, '1,a');
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await waitUntil('the first load', () => mails(fixture)['a'] === 'ada@example.com');
  await replace(`uid=ada,${people}`, 'mail', 'lovelace@example.com');
  await waitUntil('the new address', () => mails(fixture)['a'] === 'lovelace@example.com');
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('while the directory is down, changes and leavers of the primary source go on', async () => {
  const people = await createUnit(slapd, 'down', { ada: {} });
  await replace(`uid=ada,${people}`, 'employeeNumber', '1');
  await using fixture = await joined(people);
  hr(fixture, '1,a', '2,b');
  expectExitCode(await fixture.pass(), 0);
  const mail = mails(fixture)['a'];
  const { caFile } = slapd;
  configure(fixture, { url: 'ldaps://127.0.0.1:1', tls: { caFile }, users: { base: people } }, { maxShrink: '100%' });
  hr(fixture, '1,renamed');
  const { code, lines } = await fixture.pass();
  expect(code).toBe(1);
  expect(lines.find(({ type }) => type === 'joinedSource')).toMatchObject({ source: 'ad', accepted: false });
  expect(mails(fixture)).toEqual({ renamed: mail, b: undefined });
  expect(fixture.active()['b']).toBe(false);
});

test('a user is found by the DN, the key and the values of the joined entry', async () => {
  const people = await createUnit(slapd, 'found', { ada: {}, bob: {}, printer: {} });
  for (const [uid, number] of [
    ['ada', '1'],
    ['bob', '2'],
  ]) {
    await replace(`uid=${uid ?? ''},${people}`, 'employeeNumber', number ?? '');
    await replace(`uid=${uid ?? ''},${people}`, 'mail', `${uid ?? ''}.l@example.com`);
  }
  await using fixture = await joined(people);
  hr(fixture, '1,a', '2,b', '3,c');
  expectExitCode(await fixture.pass(), 0);
  const { cli } = fixture;
  const record = /source ad: record (\S+), /.exec((await cli.run('explain', '1')).stdout)?.[1] ?? 'no record';

  // The DN as tools write it, in other letter case, and with spaces; the key and the address of the entry.
  const texts = [
    `uid=ada,${people}`,
    `UID=Ada,${people.toUpperCase()}`,
    ` uid = ada , ${people.replaceAll(',', ' , ')} `,
    record,
    'ADA.l@EXAMPLE.com',
  ];
  for (const text of texts) {
    expect((await cli.run('explain', text)).stdout).toContain('Person 1\n');
    const { lines } = await cli.run('history', '--user', text, '--json');
    expect([text, lines.map(({ key, action }) => `${String(key)} ${String(action)}`)]).toEqual([text, ['1 create']]);
  }

  hr(fixture, '1,ada', '2,bob', '3,c');
  const one = await cli.run('sync', '--user', `UID=bob, ${people}`);
  expectExitCode(one, 0);
  expect(Object.keys(mails(fixture)).sort()).toEqual(['a', 'bob', 'c']);

  // An entry that belongs to no user of the primary source, and one that the directory does not have.
  for (const uid of ['printer', 'nemo']) {
    const result = await cli.run('sync', '--user', `uid=${uid},${people}`);
    expectExitCode(result, 1);
    expect(result.stderr).toMatch(/source and ad .*commandLine\.subjectNotFound/);
  }

  // A renamed entry has its new DN.
  await slapd.change(`dn: uid=ada,${people}\nchangetype: modrdn\nnewrdn: uid=lovelace\ndeleteoldrdn: 1\n`);
  expectExitCode(await fixture.pass(), 0);
  expect((await cli.run('explain', `uid=lovelace,${people}`)).stdout).toContain('Person 1\n');
  expectExitCode(await cli.run('explain', `uid=ada,${people}`), 1);

  // The search needs no directory: it reads the state.
  const { caFile } = slapd;
  configure(fixture, { url: 'ldaps://127.0.0.1:1', tls: { caFile }, users: { base: people } });
  expect((await cli.run('history', '--user', `uid=bob,${people}`, '--json')).lines.length).toBe(2);
});

test('a user without an account is found by the DN of the joined entry', async () => {
  const people = await createUnit(slapd, 'outside', { zoe: {} });
  await replace(`uid=zoe,${people}`, 'employeeNumber', '7');
  await using fixture = await joined(people);
  hr(fixture, '7,z', '8,y');
  fixture.configure(
    {},
    { scope: { users: "hr.login != 'z'" }, mapping: { user: { userName: 'hr.login' } } },
    {
      source: undefined,
      sources: {
        hr: { type: 'csv', settleSeconds: 0, users: { file: 'hr.csv', key: 'id' } },
        ad: {
          type: 'ldap',
          url: slapd.url,
          bind: { dn: slapd.admin.dn, password: { env: 'LDAP_PASSWORD' } },
          tls: { caFile: slapd.caFile },
          users: { base: people },
          join: { on: 'ad.employeeNumber', equals: 'hr.id' },
        },
      },
    },
  );
  expectExitCode(await fixture.pass(), 0);
  expect(Object.keys(mails(fixture))).toEqual(['y']);
  const { stdout } = await fixture.cli.run('explain', `uid=zoe,${people}`);
  expect(stdout).toContain('Person 7\n');
  expectExitCode(await fixture.cli.run('sync', '--user', `UID=ZOE,${people}`), 0);
});
