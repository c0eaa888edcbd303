import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import {
  configuration,
  createFixture,
  drainLog,
  expectExitCode,
  noSanityChecks,
  target,
  writes,
} from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(120_000);

const letters = '(user.email + user.userName).split("")';

/** Compares each letter of a text with each other one. */
const slow = `${letters}.filter(a, ${letters}.filter(b, b < a).size() == 0).join("")`;

/** With it, 2,500 users are planned for seconds, and read in a fraction of one. */
const slowMapping = { user: { nickName: slow, title: slow, userType: slow } };

/** Whether a slice of a planning is committed, and the last one is not. */
function isPlanning(file: string): boolean {
  const state = new Database(file, { readonly: true });
  try {
    return state.prepare('select exists (select 1 from draft)').pluck().get() === 1;
  } finally {
    state.close();
  }
}

test('a leaver goes before the first of many creates, while these are being planned', async () => {
  await using fixture = await createFixture({ source: noSanityChecks });
  const { server, cli } = fixture;
  const source = { ...noSanityChecks, changes: 'live', settleSeconds: 0.05 };
  cli.configure(configuration([target(server.url, { guard: unlimitedGuard, mapping: slowMapping })], source));
  const company = createCompany(191, 5);
  cli.export(company);
  expectExitCode(await cli.run('sync'), 0);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('all users have reports');
  drainLog(server);

  for (let joiner = 0; joiner < 2_500; joiner += 1) hire(company, { manager: undefined });
  cli.export(company);
  const daemon = cli.start('daemon');
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await waitUntil('the planning', () => isPlanning(cli.path('scimsync.db')));
  leave(company, leaver.id);
  cli.export(company);
  await waitUntil('the first creates', () => server.users.size > 20, 90_000);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);

  const [first, second] = writes(server.log);
  expect(JSON.stringify(first?.body)).toContain('"path":"active","value":false');
  expect(second).toMatchObject({ method: 'POST', path: '/Users' });
  expect(fixture.state().users[leaver.id]?.active).toBe(false);
});
