import { expect, jest, test } from '@jest/globals';
import { company, hire, leave, withoutReports } from '../world/company.ts';
import { configuration, expectCode, groupFiles, target, world } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import { until } from '../world/until.ts';

jest.setTimeout(60_000);

test('the daemon makes passes by its schedule, picks up a leaver, and ends with 0 on SIGTERM', async () => {
  await using at = await world();
  at.desk.configure({ ...configuration([target(at.server.url)], groupFiles), schedule: '* * * * * *' });
  const made = company(141, 20, 2);
  at.desk.export(made);
  const daemon = at.desk.start('daemon');
  await until('the first load', () => JSON.stringify(at.state()).length === JSON.stringify(expectedState(made)).length);
  const [gone] = withoutReports(made, 1);
  if (gone === undefined) throw new Error('nobody');
  leave(made, gone.id);
  hire(made);
  at.desk.export(made);
  await until('the leaver', () => at.state().users[gone.id]?.active === false);
  await until('the joiner', () => at.server.users.size === 21);
  daemon.child.kill('SIGTERM');
  const run = await daemon.ended;
  expectCode(run, 0);
  expectCode(await at.desk.run('sync'), 0);
  expect(at.state()).toEqual(expectedState(made));
});

test('the daemon goes on after a broken export, and after the application was away', async () => {
  await using at = await world();
  at.desk.configure({ ...configuration([target(at.server.url)], groupFiles), schedule: '* * * * * *' });
  const made = company(142, 10);
  const daemon = at.desk.start('daemon');
  await until('the complaint about the missing file', () =>
    /users\.csv/.test(daemon.output().stderr + daemon.output().stdout),
  );
  at.server.options.fault = () => ({ status: 400 });
  at.desk.export(made);
  await until('a refused request', () => at.server.log.some(({ status }) => status === 400));
  at.server.options.fault = undefined;
  await until('the load', () => at.server.users.size === 10);
  daemon.child.kill('SIGTERM');
  expectCode(await daemon.ended, 0);
});

test('SIGTERM in the middle of a pass drains it', async () => {
  await using at = await world({ server: { latencyMs: 40, uniqueUserNames: false } });
  at.desk.configure({ ...configuration([target(at.server.url)], groupFiles), schedule: '* * * * * *' });
  const made = company(143, 150);
  at.desk.export(made);
  const daemon = at.desk.start('daemon');
  await until('some requests', () => at.server.log.length > 20);
  daemon.child.kill('SIGTERM');
  expectCode(await daemon.ended, 0);
  expect(at.server.users.size).toBeLessThan(150);
  expectCode(await at.desk.run('sync'), 0);
  expect(at.state()).toEqual(expectedState(made));
});
