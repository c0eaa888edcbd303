import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import { createTwoTargets, stateOf, type TwoTargets } from '../suspensions/two-targets.ts';

jest.setTimeout(60_000);

const before = { ada: 'a Red', bob: 'b Red', cyd: 'c Blue' };

/** Pass 1 loads both targets. */
async function loaded(target: object = {}): Promise<TwoTargets> {
  const world = await createTwoTargets(target);
  world.people('1,ada,a,', '2,bob,b,1', '3,cyd,c,1');
  world.groups('g1,Red', 'g2,Blue');
  world.members('g1,1', 'g1,2', 'g2,3');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

/** Pass 2 carries out a wrong export: a leaver, a joiner, a new title, a new login, other members. */
async function withWrongExport(target: object = {}): Promise<TwoTargets> {
  const world = await loaded(target);
  world.people('1,ada,wrong,', '2,robert,b,', '4,dan,d,1');
  world.members('g1,2', 'g2,1', 'g2,4');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

test('an undo shows its plan, takes a pass back, and pauses its targets', async () => {
  await using world = await withWrongExport();
  const { cli, crm, wiki } = world;
  const wrong = { ada: 'wrong Blue', robert: 'b Red', cyd: '-', dan: 'd Blue' };
  expect(stateOf(crm)).toEqual(wrong);

  const shown = await cli.run('undo', '2', '--target', 'crm');
  expectExitCode(shown, 0);
  expect(shown.stdout).toMatch(/Undo of pass 2, "sync"/);
  expect(shown.stdout).toMatch(/reactivate user cyd/);
  expect(shown.stdout).toMatch(/Nothing was changed/);
  expect(stateOf(crm)).toEqual(wrong);

  const done = await cli.run('undo', '2', '--target', 'crm', '--execute');
  expectExitCode(done, 0);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
  expect(stateOf(wiki)).toEqual(wrong);
  expect(done.stdout).toMatch(/Pass 3 took back pass 2\. crm is paused/);

  const passes = await cli.run('passes', '--json');
  expect(passes.lines.at(-1)).toMatchObject({ command: 'undo 2 --target crm --execute', note: 'undo of pass 2' });
  expectExitCode(await cli.run('sync'), 3);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });

  expectExitCode(await cli.run('resume', 'crm'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual(wrong);
});
