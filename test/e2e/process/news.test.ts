import { expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { expectedState } from '../../world/state.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(120_000);

test('during a first load, news comes before the users who wait, and no user is created twice', async () => {
  await using fixture = await createFixture();
  const { server, cli } = fixture;
  const source = { ...groupFiles, changes: 'live' };
  const limits = { requestsPerSecond: 50, concurrency: 4 };
  cli.configure(configuration([target(server.url, { limits, guard: unlimitedGuard })], source));
  const company = createCompany(171, 2_000);
  cli.export(company);
  const daemon = cli.start('daemon');
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await waitUntil('a part of the first load', () => server.users.size > 60);

  const candidates = peopleWithoutReports(company, 1_000);
  const { users } = fixture.state();
  const leaver = candidates.find(({ id }) => users[id] !== undefined);
  const waiting = candidates.findLast(({ id }) => users[id] === undefined);
  if (leaver === undefined || waiting === undefined) throw new Error('too few people');
  leave(company, leaver.id);
  leave(company, waiting.id);
  const joiner = hire(company);
  cli.export(company);
  await waitUntil('the leaver', () => fixture.state().users[leaver.id]?.active === false);
  await waitUntil('the joiner', () => fixture.state().users[joiner.id] !== undefined);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(server.users.size).toBeLessThan(1_000);

  const texts = server.log.map(({ method, body }) => `${method} ${JSON.stringify(body)}`);
  const closing = texts.findIndex((text) => text.includes('"value":false'));
  const joining = texts.findIndex((text) => text.startsWith('POST') && text.includes(`"${joiner.id}"`));
  expect(joining).toBeGreaterThan(closing);
  // The news is planned as a whole: between the two there are only reads of the removal.
  expect(texts.slice(closing, joining).filter((text) => text.startsWith('POST'))).toEqual([]);
  const { stdout } = await cli.run('history', '--user', waiting.id);
  expect(stdout).toContain('superseded by a later reading');

  cli.configure(configuration([target(server.url, { guard: unlimitedGuard })], source));
  expectExitCode(await cli.run('sync', '--json'), 0);
  const { groups, users: expected } = expectedState(company);
  const { [waiting.id]: _, ...others } = expected;
  expect(fixture.state()).toEqual({ groups, users: others });
  const created = server.log.filter(
    ({ method, path, status }) => method === 'POST' && path === '/Users' && status < 300,
  );
  expect(created).toHaveLength(2_000);
});
