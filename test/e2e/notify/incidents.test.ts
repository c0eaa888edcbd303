import { utimesSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { certificatesFor } from '../../world/directory/servers/certificates.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { startGate } from './gate.ts';
import { notified, startHook, webhook } from './hook.ts';

jest.setTimeout(90_000);

const hour = 3_600_000;
const day = 24 * hour;

test('what fails and which leaver keeps access is reported after an hour, and so is the end', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  await using gate = await startGate(fixture.server.url);
  const { cli } = fixture;
  const company = createCompany(194, 12);
  cli.export(company);
  const app = target(gate.url, { guard: unlimitedGuard });
  cli.configure({ ...configuration([app], groupFiles), notify: [webhook(hook)] });
  expectExitCode(await cli.run('sync'), 0);
  for (const { id } of peopleWithoutReports(company, 1)) leave(company, id);
  cli.export(company);
  gate.refused = 'PATCH';
  expectExitCode(await cli.run('sync'), 1);
  expect(hook.changes()).toEqual([]);
  expectExitCode(await cli.runAhead(2 * hour, 'sync'), 1);
  expect([...hook.changes()].sort()).toEqual(['failing opened', 'openLeavers opened']);
  const status = await cli.runAhead(2 * hour, 'status', '--exit-code');
  expectExitCode(status, 1);
  expect(status.stdout).toMatch(/1 leaver may still have access: .*\n +user \S+ \(\S+\): deactivate since /);
  gate.refused = undefined;
  expectExitCode(await cli.runAhead(3 * hour, 'sync'), 0);
  expect([...hook.changes()].sort()).toEqual([
    ...['failing closed', 'failing opened', 'openLeavers closed', 'openLeavers opened'],
  ]);
});

test('a certificate that expires is reported until it is replaced, and a digest comes once a day', async () => {
  const { caFile } = await certificatesFor('127.0.0.1');
  await using fixture = await createFixture();
  await using hook = await startHook();
  await using daily = await startHook();
  const { cli } = fixture;
  const company = createCompany(195, 12);
  cli.export(company);
  const channels = [webhook(hook), webhook(daily, { name: 'daily', events: [], digest: '08:00' })];
  notified(fixture, channels, { guard: unlimitedGuard, tls: { caFile } });
  expectExitCode(await cli.run('sync'), 0);
  expect([hook.changes(), daily.received]).toEqual([[], []]);
  for (const { id } of peopleWithoutReports(company, 2)) leave(company, id);
  cli.export(company);
  expectExitCode(await cli.runAhead(20 * day, 'sync'), 0);
  expectExitCode(await cli.runAhead(20 * day, 'sync'), 0);
  expect(hook.changes()).toEqual(['expires opened']);
  expect(daily.received).toHaveLength(1);
  expect(JSON.parse(daily.received[0]?.body ?? '')).toMatchObject({
    title: expect.stringMatching(/^Digest: 1 incident open; \d+ operations in 1 pass since /) as unknown,
    changes: [{ event: 'expires', change: 'opened', target: 'app' }],
    digest: {
      totalOpen: 1,
      done: expect.arrayContaining([{ target: 'app', action: 'deactivate', count: 2 }]) as unknown,
    },
  });
  const check = await cli.runAhead(28 * day, 'check');
  expect(check.stdout).toMatch(/app: the CA \S+ of app expires at \S+, in \d day/);
  expectExitCode(await cli.runAhead(28 * day, 'sync'), 0);
  expect(hook.changes()).toEqual(['expires opened', 'expires worsened']);
  notified(fixture, channels, { guard: unlimitedGuard });
  expectExitCode(await cli.runAhead(28 * day, 'sync'), 0);
  expect(hook.changes()).toEqual(['expires opened', 'expires worsened', 'expires closed']);
  expect(daily.received).toHaveLength(2);
});

test('a daemon reports a leaver whose access was opened by hand; and status that the daemon does not run', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  const { cli, server } = fixture;
  const company = createCompany(196, 8);
  cli.export(company);
  const settings = { guard: unlimitedGuard };
  notified(fixture, [webhook(hook)], settings);
  expectExitCode(await cli.run('sync'), 0);
  const [{ id: gone = '' } = {}] = peopleWithoutReports(company, 1);
  leave(company, gone);
  cli.export(company);
  expectExitCode(await cli.run('sync'), 0);
  const dataOf = (): Record<string, unknown> =>
    [...server.users.values()].find(({ data }) => data['externalId'] === gone)?.data ?? {};
  dataOf()['active'] = true;
  notified(fixture, [webhook(hook)], settings, { schedule: '*/15 * * * *', drift: { requestsPerHour: 100_000 } });
  const daemon = cli.start('daemon');
  await waitUntil('the drift is reported', () => hook.changes().length > 0);
  await waitUntil('the access is closed', () => dataOf()['active'] === false);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(hook.changes()).toEqual(['leaverDrift opened']);
  const status = await cli.runAhead(2 * hour, 'status', '--exit-code');
  expectExitCode(status, 1);
  expect(status.stdout).toMatch(/^no pass has begun although one was due at /m);
});

test('an export that is no longer written is reported although passes succeed, until it is', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  const { cli } = fixture;
  const company = createCompany(197, 8);
  cli.export(company);
  const source = { ...groupFiles, maxAge: '36h' };
  const app = target(fixture.server.url, { guard: unlimitedGuard });
  cli.configure({ ...configuration([app], source), notify: [webhook(hook)] });
  const old = new Date(Date.now() - 2 * day);
  for (const name of ['users', 'groups', 'memberships']) utimesSync(cli.path(`${name}.csv`), old, old);
  expectExitCode(await cli.run('sync'), 0);
  expect(hook.changes()).toEqual(['oldExport opened']);
  cli.export(company);
  expectExitCode(await cli.run('sync'), 0);
  expect(hook.changes()).toEqual(['oldExport opened', 'oldExport closed']);
});
