import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { byId, company, hire, leave, withoutReports } from '../world/company.ts';
import { configuration, expectCode, groupFiles, target, world } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import { until } from '../world/until.ts';

jest.setTimeout(60_000);

const live = { ...groupFiles, changes: 'live' };

test('a new export is carried through without a schedule, and one that is being written is waited for', async () => {
  await using at = await world();
  at.desk.configure(configuration([target(at.server.url)], live));
  const made = company(151, 40, 3);
  at.desk.export(made);
  const daemon = at.desk.start('daemon');
  await until('the first load', () => at.server.users.size === 40);
  await until('the daemon listens', () => daemon.output().stderr.includes('live changes are heard'));
  const [gone, stays] = withoutReports(made, 2);
  if (gone === undefined || stays === undefined) throw new Error('nobody');

  leave(made, gone.id);
  at.desk.export(made);
  await until('the leaver', () => at.state().users[gone.id]?.active === false);

  // Half an export for longer than it takes to look at it: whoever is in the other half has not left.
  hire(made);
  byId(made, stays.id).title = 'Mover';
  at.desk.export(made);
  const file = at.desk.path('users.csv');
  const whole = readFileSync(file, 'utf8');
  const rows = whole.split('\n').slice(0, -1);
  writeFileSync(file, `${rows[0] ?? ''}\n`);
  for (const row of rows.slice(1)) {
    appendFileSync(file, `${row}\n`);
    await new Promise((done) => setTimeout(done, 25));
  }
  await until('the mover', () => at.state().users[stays.id]?.title === 'Mover');
  // Its memberships come last: a daemon that is ended between them and the account leaves them to its next pass.
  await until(
    'the joiner and the memberships',
    () => JSON.stringify(at.state().groups) === JSON.stringify(expectedState(made).groups),
  );
  daemon.child.kill('SIGTERM');
  expectCode(await daemon.ended, 0);
  expect(at.server.log.filter(({ body }) => JSON.stringify(body).includes('"value":false'))).toHaveLength(1);
});

test('a live daemon needs no schedule, and goes on after an export was missing', async () => {
  await using at = await world();
  at.desk.configure({ ...configuration([target(at.server.url)], live), schedule: undefined });
  const made = company(152, 5);
  const daemon = at.desk.start('daemon');
  await until('the complaint', () => daemon.output().stderr.includes('users.csv does not exist'));
  at.desk.export(made);
  await until('the load', () => at.server.users.size === 5);
  daemon.child.kill('SIGTERM');
  expectCode(await daemon.ended, 0);
});
