import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { expectExitCode } from '../../world/fixture.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { createTwoTargets, stateOf, type TwoTargets } from './two-targets.ts';

jest.setTimeout(60_000);

async function loaded(target: object = {}): Promise<TwoTargets> {
  const world = await createTwoTargets(target);
  world.people('1,ada,a,', '2,bob,b,1', '3,cyd,c,1');
  world.groups('g1,Red', 'g2,Blue');
  world.members('g1,1', 'g1,2', 'g2,3');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

const before = { ada: 'a Red', bob: 'b Red', cyd: 'c Blue' };

test('a paused target gets no request, and the pass after resume carries out what waited', async () => {
  await using world = await loaded();
  const { cli, crm, wiki } = world;
  const requests = crm.log.length;
  expectExitCode(await cli.run('pause', 'crm', '--reason', 'migration'), 0);
  expectExitCode(await cli.run('sync'), 0);
  world.people('1,ada,a2,', '2,bob,b,1');
  world.members('g1,1', 'g2,2');

  const planned = await cli.run('plan');
  expectExitCode(planned, 3);
  expect(planned.stdout).toMatch(/crm: paused since .* by .*: "migration"/);
  const lines = (await cli.run('plan', '--json')).lines;
  expect(lines.find(({ type }) => type === 'paused')).toMatchObject({
    ...{ target: 'crm', code: 'target.paused', reason: 'migration', pending: 4 },
  });
  expect(lines.filter(({ target, type }) => target === 'crm' && type !== 'paused')).toEqual([]);

  for (const args of [['sync'], ['sync', '--full'], ['sync', '--target', 'crm'], ['sync', '--user', 'cyd']])
    expectExitCode(await cli.run(...args), 3);
  expect(stateOf(wiki)).toEqual({ ada: 'a2 Red', bob: 'b Blue', cyd: '-' });
  expect([stateOf(crm), crm.log.length]).toEqual([before, requests]);
  const [status] = (await cli.run('status', '--json')).lines.filter(({ target }) => target === 'crm');
  expect(status).toMatchObject({
    paused: { reason: 'migration', leavers: { total: 1, first: [{ key: '3', name: 'cyd' }] } },
  });
  expect((await cli.run('status')).stdout).toMatch(/1 leaver keeps access .*: cyd \(3\)/);
  expectExitCode(await cli.run('check'), 0);
  expect(crm.log.length).toBeGreaterThan(requests);

  expectExitCode(await cli.run('resume', 'crm'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual(stateOf(wiki));
  const history = await cli.run('history', '--target', 'crm', '--json');
  expect(history.lines.filter(({ type }) => type === 'action')).toMatchObject([
    { action: 'pause', target: 'crm', reason: 'migration' },
    { action: 'resume', target: 'crm', reason: 'migration' },
  ]);
});

test('a target can be paused before its first pass', async () => {
  await using world = await createTwoTargets();
  world.people('1,ada,a,');
  world.groups();
  world.members();
  expectExitCode(await world.cli.run('pause', 'crm'), 0);
  expectExitCode(await world.cli.run('sync'), 3);
  expect([stateOf(world.crm), stateOf(world.wiki)]).toEqual([{}, { ada: 'a' }]);
  expectExitCode(await world.cli.run('resume', 'crm'), 0);
  expectExitCode(await world.cli.run('sync'), 0);
  expect(stateOf(world.crm)).toEqual({ ada: 'a' });
});

test('deletions that become due wait for the end of the pause', async () => {
  await using world = await loaded({ leavers: { deleteAfterDays: 2 } });
  const { cli, crm } = world;
  world.people('1,ada,a,', '2,bob,b,1');
  expectExitCode(await cli.run('sync'), 0);
  expectExitCode(await cli.run('pause', 'crm'), 0);
  expectExitCode(await cli.run('sync'), 0);
  const days = 24 * 3_600_000;
  for (const ahead of [1, 2, 3]) await cli.runAhead(ahead * days, 'sync', '--target', 'wiki');
  const last = await cli.runAhead(3 * days, 'sync', '--json');
  expectExitCode(last, 3);
  expect(last.lines.find(({ type }) => type === 'paused')).toMatchObject({ target: 'crm', pending: 1 });
  expect(stateOf(crm)).toHaveProperty('cyd', '-');
});

test.each([
  ['pause', 'crn', 4, 'did you mean "crm"'],
  ['resume', 'wicki', 4, 'did you mean "wiki"'],
  ['resume', 'crm', 0, 'crm is not paused. Nothing was changed'],
])('%s %s', async (command, name, code, message) => {
  await using world = await loaded();
  const result = await world.cli.run(command, name);
  expectExitCode(result, code);
  expect(result.stdout + result.stderr).toContain(message);
});

test('pausing twice keeps the first pause', async () => {
  await using world = await loaded();
  expectExitCode(await world.cli.run('pause', 'crm', '--reason', 'one'), 0);
  const again = await world.cli.run('pause', 'crm', '--reason', 'two');
  expectExitCode(again, 0);
  expect(again.stdout).toMatch(/already paused since .*"one".*Nothing was changed/);
});

test('pause waits while a first reading is written', async () => {
  await using world = await loaded();
  const { cli } = world;
  // Another process cannot open a state in rollback mode while its pages are written.
  const state = new Database(cli.path('scimsync.db'));
  state.exec('begin exclusive');
  const paused = cli.start('pause', 'crm');
  try {
    await waitUntil('pause waits', () => paused.output().stderr.includes('this command waits for it'));
  } finally {
    state.exec('rollback');
    state.close();
  }
  expectExitCode(await paused.exited, 0);
});
