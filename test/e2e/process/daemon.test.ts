import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, expectExitCode, groupFiles, target, createFixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { expectedState } from '../../world/state.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

test('the daemon runs passes by its schedule, carries out a leaver, and ends with exit code 0 on SIGTERM', async () => {
  await using fixture = await createFixture();
  fixture.cli.configure({ ...configuration([target(fixture.server.url)], groupFiles), schedule: '* * * * * *' });
  const company = createCompany(141, 20, 2);
  fixture.cli.export(company);
  const daemon = fixture.cli.start('daemon');
  await waitUntil(
    'the first load',
    () => JSON.stringify(fixture.state()).length === JSON.stringify(expectedState(company)).length,
  );
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('there is no such person');
  leave(company, leaver.id);
  hire(company);
  fixture.cli.export(company);
  await waitUntil('the leaver', () => fixture.state().users[leaver.id]?.active === false);
  await waitUntil('the joiner', () => fixture.server.users.size === 21);
  daemon.child.kill('SIGTERM');
  const run = await daemon.exited;
  expectExitCode(run, 0);
  expectExitCode(await fixture.cli.run('sync'), 0);
  expect(fixture.state()).toEqual(expectedState(company));
});

test('the daemon continues after a missing export and after rejected requests', async () => {
  await using fixture = await createFixture();
  fixture.cli.configure({ ...configuration([target(fixture.server.url)], groupFiles), schedule: '* * * * * *' });
  const company = createCompany(142, 10);
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the error about the missing file', () => daemon.output().stderr.includes('csv.fileMissing'));
  fixture.server.options.fault = () => ({ status: 400 });
  fixture.cli.export(company);
  await waitUntil('a refused request', () => fixture.server.log.some(({ status }) => status === 400));
  fixture.server.options.fault = undefined;
  await waitUntil('the load', () => fixture.server.users.size === 10);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('SIGTERM during a pass completes the requests in flight', async () => {
  await using fixture = await createFixture({ server: { latencyMs: 40, uniqueUserNames: false } });
  fixture.cli.configure({ ...configuration([target(fixture.server.url)], groupFiles), schedule: '* * * * * *' });
  const company = createCompany(143, 150);
  fixture.cli.export(company);
  const daemon = fixture.cli.start('daemon');
  await waitUntil('some requests', () => fixture.server.log.length > 20);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(fixture.server.users.size).toBeLessThan(150);
  expectExitCode(await fixture.cli.run('sync'), 0);
  expect(fixture.state()).toEqual(expectedState(company));
});

test('the daemon gives and ends access at the dates of users, though its schedule is far away', async () => {
  await using fixture = await createFixture();
  const dates = { validFrom: 'user.first_moment', validTo: 'user.last_moment' };
  fixture.cli.configure({
    state: './scimsync.db',
    source: { type: 'csv', settleSeconds: 0, users: { file: 'people.csv', key: 'id', ...dates } },
    targets: [
      { ...target(fixture.server.url), mapping: { user: { userName: 'user.userName' } }, guard: unlimitedGuard },
    ],
    schedule: '0 0 29 2 *',
  });
  const now = Date.now();
  const moment = (seconds: number): string => new Date(now + seconds * 1_000).toISOString();
  const rows = ['1,ada,,', `2,bob,,${moment(5)}`, `3,cyd,${moment(6)},${moment(7)}`, `4,dan,,${moment(100)}`];
  writeFileSync(fixture.cli.path('people.csv'), ['id,userName,first_moment,last_moment', ...rows, ''].join('\n'));
  const active = (): string =>
    [...fixture.server.users.values()]
      .filter(({ data }) => data['active'] === true)
      .map(({ data }) => String(data['userName']))
      .toSorted()
      .join(' ');
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the first load', () => active() === 'ada bob dan');
  await waitUntil('the end of Bob', () => active() === 'ada dan');
  await waitUntil('the start of Cyd', () => active() === 'ada cyd dan');
  await waitUntil('the end of Cyd', () => active() === 'ada dan');
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});
