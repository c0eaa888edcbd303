import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { expectExitCode, operationLines } from '../../world/fixture.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { createTwoTargets, stateOf, type TwoTargets } from './two-targets.ts';

jest.setTimeout(90_000);

const ada = '1,ada,a,';
const bob = '2,bob,b,1';
const cyd = '3,cyd,c,1';

async function loaded(target: object = {}): Promise<TwoTargets> {
  const world = await createTwoTargets(target);
  world.people(ada, bob, cyd);
  world.groups('g1,Red', 'g2,Blue');
  world.members('g1,1', 'g1,2', 'g2,3', 'g2,2');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

const before = { ada: 'a Red', bob: 'b Blue Red', cyd: 'c Blue' };
const states = ({ crm, wiki }: TwoTargets): readonly unknown[] => [stateOf(crm), stateOf(wiki)];
const twice = (state: unknown): readonly unknown[] => [state, state];

test.each([
  ['a leaver', [ada, bob], ['g1,1', 'g1,2', 'g2,2']],
  ['a mover', [ada, bob, '3,cyd,other,2'], ['g1,1', 'g1,2', 'g2,2', 'g2,3']],
  ['a rename', [ada, bob, '3,cy,c,1'], ['g1,1', 'g1,2', 'g2,2', 'g2,3']],
  ['other groups', [ada, bob, cyd], ['g1,1', 'g1,2', 'g2,2', 'g1,3']],
])('nothing is changed for a frozen user: %s', async (_what, people, members) => {
  await using world = await loaded();
  const { cli } = world;
  expectExitCode(await cli.run('freeze', 'cyd@corp.example', '--reason', 'lawsuit'), 0);
  expectExitCode(await cli.run('sync'), 0);
  world.people(...people);
  world.members(...members);
  expectExitCode(await cli.run('plan'), 3);
  for (const args of [['sync'], ['sync'], ['sync', '--full'], ['sync', '--user', 'cyd']]) {
    const result = await cli.run(...args);
    expectExitCode(result, 3);
    expect(states(world)).toEqual(twice(before));
  }
  const full = operationLines(await cli.run('plan', '--full', '--json'));
  expect(full.length).toBeGreaterThan(0);
  expect(full.every(({ held, code }) => held === true && code === 'user.frozen')).toBe(true);
  expect(operationLines(await cli.run('plan', '--json'))).toEqual(full);

  expectExitCode(await cli.run('unfreeze', 'cyd'), 0);
  const planned = operationLines(await cli.run('plan', '--json'));
  expect(planned).toEqual(operationLines(await cli.run('plan', '--full', '--json')));
  expect(planned).toHaveLength(full.length);
  expectExitCode(await cli.run('sync'), 0);
  expect(states(world)).not.toEqual(twice(before));
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('a frozen joiner is not created, and others get no reference to the account', async () => {
  await using world = await loaded();
  const { cli } = world;
  world.people(ada, bob, cyd, '4,dan,d,', '5,eve,e,4');
  world.members('g1,1', 'g1,2', 'g2,3', 'g2,2', 'g1,4');
  expectExitCode(await cli.run('freeze', '4', '--reason', 'lawsuit'), 0);
  expectExitCode(await cli.run('sync'), 3);
  expect(states(world)).toEqual(twice({ ...before, eve: 'e' }));
  expectExitCode(await cli.run('unfreeze', '4'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(states(world)).toEqual(twice({ ...before, eve: 'e', dan: 'd Red' }));
});

test('others who refer to a frozen user change as always, and get no name of the user', async () => {
  await using world = await loaded();
  const { cli } = world;
  expectExitCode(await cli.run('freeze', 'ada', '--reason', 'lawsuit'), 0);
  world.people('2,bob,b2,1', '3,ada,c,');
  expectExitCode(await cli.run('sync'), 1);
  expect(states(world)).toEqual(twice({ ada: 'a Red', bob: 'b2 Blue Red', cyd: 'c Blue' }));
  expectExitCode(await cli.run('unfreeze', 'ada'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(world.crm)).toMatchObject({ bob: 'b2 Blue Red', ada: 'c Blue' });
});

test.each([['empty'], ['delete']])('groups keep a frozen user: leavers.groups "%s"', async (groups) => {
  await using world = await loaded({ leavers: { groups } });
  const { cli, crm } = world;
  expectExitCode(await cli.run('freeze', 'cyd', '--reason', 'lawsuit'), 0);
  world.groups('g1,Red');
  world.members('g1,1', 'g1,2');
  for (const args of [['sync'], ['sync'], ['sync', '--full']]) expectExitCode(await cli.run(...args), 3);
  expect(stateOf(crm)).toEqual({ ...before, bob: 'b Red' });
  expectExitCode(await cli.run('unfreeze', 'cyd'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual({ ada: 'a Red', bob: 'b Red', cyd: 'c' });
  expect(crm.groups.size).toBe(groups === 'delete' ? 1 : 2);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('an account that waits for its deletion stays', async () => {
  await using world = await loaded({ leavers: { deleteAfterDays: 1 } });
  const { cli, crm } = world;
  world.people(ada, bob);
  expectExitCode(await cli.run('sync'), 0);
  expectExitCode(await cli.run('freeze', '3', '--reason', 'lawsuit', '--until', '2199-12-31'), 0);
  const days = 24 * 3_600_000;
  expectExitCode(await cli.runAhead(0.9 * days, 'sync'), 0);
  for (const ahead of [1.5, 2.1, 2.2]) expectExitCode(await cli.runAhead(ahead * days, 'sync'), 3);
  expect(stateOf(crm)).toHaveProperty('cyd', '-');
});

test('a freeze ends by itself, and is shown until then', async () => {
  await using world = await loaded();
  const { cli, crm } = world;
  const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
  expectExitCode(await cli.run('freeze', '3', '--reason', 'lawsuit', '--until', tomorrow), 0);
  world.people(ada, bob);
  expectExitCode(await cli.run('sync'), 3);
  const [frozen] = (await cli.run('status', '--json')).lines.filter(({ type }) => type === 'frozen');
  expect(frozen).toMatchObject({ key: '3', name: 'cyd', reason: 'lawsuit' });
  expect((await cli.run('status')).stdout).toMatch(/frozen: cyd \(3\) since .*"lawsuit", until .*Europe\/Berlin/);
  expect((await cli.run('explain', 'cyd')).stdout).toContain('nothing while the user is frozen; otherwise: deactivate');
  expect((await cli.run('plan', '--at', '2199-12-31', '--json')).lines.filter(({ type }) => type === 'frozen')).toEqual(
    [],
  );
  expectExitCode(await cli.runAhead(0.5 * 24 * 3_600_000, 'sync'), 3);
  expectExitCode(await cli.runAhead(2.2 * 24 * 3_600_000, 'sync'), 0);
  expect(stateOf(crm)).toHaveProperty('cyd', '-');
  const history = (await cli.run('history', '--user', 'cyd', '--json')).lines;
  expect(history.filter(({ type }) => type === 'action')).toMatchObject([
    { action: 'freeze', key: '3', reason: 'lawsuit' },
    { action: 'unfreeze', key: '3', operator: null },
  ]);
});

test('a freeze follows the user to a new key, and a second freeze replaces the first', async () => {
  await using world = await loaded();
  const { cli, crm } = world;
  expectExitCode(await cli.run('freeze', 'cyd', '--reason', 'one'), 0);
  expectExitCode(await cli.run('freeze', 'cyd', '--reason', 'two'), 0);
  const again = await cli.run('freeze', 'cyd', '--reason', 'two');
  expectExitCode(again, 0);
  expect(again.stdout).toMatch(/Already frozen: cyd \(3\) .*"two".*Nothing was changed/);
  world.people(ada, bob, '33,cyd,c,1');
  world.members('g1,1', 'g1,2', 'g2,33', 'g2,2');
  writeFileSync(cli.path('pairs.csv'), 'old,new\n3,33\n');
  expectExitCode(await cli.run('relink', cli.path('pairs.csv')), 0);
  expectExitCode(await cli.run('sync'), 3);
  expect(stateOf(crm)).toEqual(before);
  expect([...crm.users.values()].map(({ data }) => data['externalId'])).toContain('3');
  expectExitCode(await cli.run('unfreeze', '33'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect([...crm.users.values()].map(({ data }) => data['externalId'])).toContain('33');
});

test.each([
  [['freeze', 'nemo', '--reason', 'x'], 1, 'commandLine.subjectNotFound'],
  [['freeze', 'cyd'], 4, 'reason'],
  [['freeze', 'cyd', '--reason', 'x', '--until', 'soon'], 4, 'commandLine.invalidTime'],
  [['freeze', 'cyd', '--reason', 'x', '--until', '2001-01-01'], 4, 'in the past'],
  [['unfreeze', 'cyd'], 0, 'User cyd (3) is not frozen. Nothing was changed'],
])('%s', async (args, code, message) => {
  await using world = await loaded();
  const result = await world.cli.run(...args);
  expectExitCode(result, code);
  expect(result.stdout + result.stderr).toContain(message);
});

test('freeze waits for a process that writes, also while a target of the configuration is new', async () => {
  await using world = await loaded();
  const { cli } = world;
  const state = new Database(cli.path('scimsync.db'));
  // As in a first load before the targets are planned: the state knows the people, and not yet both targets.
  state.exec("update target set name = 'earlier' where name = 'wiki'");
  state.exec('begin immediate');
  const frozen = cli.start('freeze', '3', '--reason', 'lawsuit');
  try {
    await waitUntil('freeze waits', () => frozen.output().stderr.includes('this command waits for it'));
  } finally {
    state.exec('rollback');
    state.close();
  }
  const run = await frozen.exited;
  expectExitCode(run, 0);
  expect(run.stdout).toContain('User cyd (3) is frozen');
});
