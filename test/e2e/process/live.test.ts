import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { byId, createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, expectExitCode, groupFiles, target, createFixture } from '../../world/fixture.ts';
import { expectedState } from '../../world/state.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const liveSource = { ...groupFiles, changes: 'live' };

test('a new export starts a pass without a schedule, and an export that is being written is not read', async () => {
  await using fixture = await createFixture();
  fixture.cli.configure(configuration([target(fixture.server.url)], liveSource));
  const company = createCompany(151, 40, 3);
  fixture.cli.export(company);
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the first load', () => fixture.server.users.size === 40);
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  const [leaver, mover] = peopleWithoutReports(company, 2);
  if (leaver === undefined || mover === undefined) throw new Error('too few people');

  leave(company, leaver.id);
  fixture.cli.export(company);
  await waitUntil('the leaver', () => fixture.state().users[leaver.id]?.active === false);

  // The export is incomplete for longer than a check of the file takes. The missing users must not become leavers.
  hire(company);
  byId(company, mover.id).title = 'Mover';
  fixture.cli.export(company);
  const file = fixture.cli.path('users.csv');
  const completeExport = readFileSync(file, 'utf8');
  const rows = completeExport.split('\n').slice(0, -1);
  writeFileSync(file, `${rows[0] ?? ''}\n`);
  for (const row of rows.slice(1)) {
    appendFileSync(file, `${row}\n`);
    await new Promise((done) => setTimeout(done, 25));
  }
  await waitUntil('the mover', () => fixture.state().users[mover.id]?.title === 'Mover');
  // Memberships are sent last: a daemon that ends earlier leaves them to the next pass.
  await waitUntil(
    'the joiner and the memberships',
    () => JSON.stringify(fixture.state().groups) === JSON.stringify(expectedState(company).groups),
  );
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(fixture.server.log.filter(({ body }) => JSON.stringify(body).includes('"value":false'))).toHaveLength(1);
});

test('a live daemon needs no schedule, and continues after a missing export', async () => {
  await using fixture = await createFixture();
  fixture.cli.configure({ ...configuration([target(fixture.server.url)], liveSource), schedule: undefined });
  const company = createCompany(152, 5);
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the error', () => daemon.output().stderr.includes('csv.fileMissing'));
  fixture.cli.export(company);
  await waitUntil('the load', () => fixture.server.users.size === 5);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});
