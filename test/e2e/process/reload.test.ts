import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer } from '../../world/strict-server/strict-server.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const tokenFile = { auth: { type: 'bearer', token: { file: 'token' } }, guard: unlimitedGuard };

const refusals = ({ server }: Fixture): number => server.log.filter(({ status }) => status === 401).length;

test('SIGHUP: a bad configuration is refused with all its mistakes, a good one takes effect', async () => {
  await using fixture = await createFixture();
  await using other = await startStrictServer();
  const { cli, server } = fixture;
  writeFileSync(cli.path('token'), `${other.token}\n`, { mode: 0o600 });
  const app = target(server.url, { guard: unlimitedGuard });
  const wiki = target(other.url, { ...tokenFile, name: 'wiki' });
  cli.configure(configuration([app]));
  const company = createCompany(161, 12, 2);
  cli.export(company);
  const daemon = cli.start('daemon');
  await waitUntil('the first load', () => server.users.size === 12 && server.groups.size === 2);
  const reload = async (text: string, config: object): Promise<void> => {
    cli.configure(config);
    const before = daemon.output().stderr.split(text).length;
    daemon.child.kill('SIGHUP');
    await waitUntil(text, () => daemon.output().stderr.split(text).length > before);
  };

  await reload('has 2 mistakes', configuration([{ ...app, scope: { users: 'user.x.matches("(?=a)")' }, url: 'no' }]));
  await reload('changed, which needs a restart', { ...configuration([app]), state: './other.db' });
  expect(daemon.output().stderr).toMatch(/was not reloaded: the configuration has 2 mistakes.*look-around/s);

  // Another mapping, and a new target.
  const mapping = { user: { title: "'Reloaded'" }, group: { displayName: 'group.displayName' } };
  await reload('configuration reloaded', configuration([{ ...app, mapping }, wiki]));
  await waitUntil('the new target', () => other.users.size === 12 && other.groups.size === 2);
  await waitUntil('the mapping', () => [...server.users.values()].every(({ data }) => data['title'] === 'Reloaded'));

  // A removed target gets nothing any more.
  await reload('configuration reloaded', configuration([{ ...wiki, mapping }]));
  await waitUntil('the mapping', () => [...other.users.values()].every(({ data }) => data['title'] === 'Reloaded'));
  expect([...server.users.values()].every(({ data }) => data['title'] === 'Reloaded')).toBe(true);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('refused credentials are tried rarely, and at once when the file of the secret changes', async () => {
  await using fixture = await createFixture();
  const { cli, server } = fixture;
  writeFileSync(cli.path('token'), 'expired\n', { mode: 0o600 });
  cli.configure({ ...configuration([target(server.url, tokenFile)], groupFiles), schedule: '* * * * * *' });
  cli.export(createCompany(162, 30, 2));
  const daemon = cli.start('daemon');
  await waitUntil('the quarantine', () => daemon.output().stderr.includes('app is quarantined'));
  const passes = (): number => daemon.output().stderr.split('pass ended').length;
  const before = passes();
  await waitUntil('three passes later', () => passes() >= before + 3);
  // The discovery may be public; one request and the check of the credentials.
  expect(refusals(fixture)).toBeLessThanOrEqual(3);
  const status = await cli.run('status');
  expect(status.stdout).toContain('refused the credentials');
  expect(status.stdout).toContain('or as soon as they change');

  const refused = refusals(fixture);
  writeFileSync(cli.path('token'), `${server.token}\n`, { mode: 0o600 });
  await waitUntil('the load', () => server.users.size === 30);
  expect(refusals(fixture)).toBe(refused);
  daemon.child.kill('SIGTERM');
  const { stderr } = await daemon.exited;
  expect(stderr).not.toContain(server.token);
});
