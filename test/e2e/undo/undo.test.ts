import { expect, jest, test } from '@jest/globals';
import { expectExitCode, operationLines, writes } from '../../world/fixture.ts';
import { createTwoTargets, stateOf } from '../suspensions/two-targets.ts';
import { accountOf, before, loaded, withWrongExport, wrong } from './world.ts';

jest.setTimeout(60_000);

test('an undo shows its plan, takes a pass back, and pauses its target', async () => {
  await using world = await withWrongExport();
  const { cli, crm, wiki } = world;
  expect(stateOf(crm)).toEqual(wrong);
  const sent = writes(crm.log).length;
  const earlier = crm.log.length;

  const shown = await cli.run('undo', '2', '--target', 'crm');
  // The list confirms all accounts.
  const requests = crm.log.slice(earlier).map(({ method, path }) => `${method} ${path}`);
  expect(new Set(requests)).toEqual(new Set(['GET /Users']));
  expectExitCode(shown, 0);
  expect(shown.stdout).toMatch(/^Undo of pass 2, "scimsync sync" of /);
  expect(shown.stdout).toMatch(/reactivate user cyd \(3\)/);
  expect(shown.stdout).toMatch(/deactivate user dan \(4\), who was created by pass 2, which is undone/);
  expect(shown.stdout).toMatch(/"scimsync undo 2 --target crm --execute" carries it out/);
  expect([stateOf(crm), writes(crm.log).length]).toEqual([wrong, sent]);
  expect((await cli.run('passes', '--json')).lines).toHaveLength(2);

  const done = await cli.run('undo', '2', '--target', 'crm', '--execute', '--reason', 'wrong export');
  expectExitCode(done, 0);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
  expect(stateOf(wiki)).toEqual(wrong);
  expect(done.stdout).toMatch(/Pass 3 took back pass 2\. crm is paused: .* "scimsync resume crm"/);

  const passes = (await cli.run('passes', '--json')).lines;
  expect(passes.at(-1)).toMatchObject({
    command: 'undo 2 --target crm --execute --reason wrong export',
    note: 'undo of pass 2: wrong export',
    result: 'done',
  });
  const history = (await cli.run('history', '--user', 'cyd', '--target', 'crm', '--json')).lines;
  const undone = history.filter(({ pass }) => pass === 3);
  expect(undone.map(({ action }) => action)).toEqual(['removeMembers', 'addMembers', 'reactivate']);
  expect(new Set(undone.map(({ reason }) => reason))).toEqual(new Set(['undo of pass 2']));

  const waiting = await cli.run('sync');
  expectExitCode(waiting, 3);
  expect(waiting.stdout).toMatch(/crm: paused since .*"after undo of pass 2"/);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
  expectExitCode(await cli.run('resume', 'crm'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual(wrong);
});

test('an undo can be taken back, also while its targets are paused', async () => {
  await using world = await withWrongExport();
  const { cli, crm } = world;
  expectExitCode(await cli.run('undo', '2', '--execute'), 0);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
  const again = await cli.run('undo', '2');
  expectExitCode(again, 0);
  expect(again.stdout).toMatch(/There is nothing to undo/);

  expectExitCode(await cli.run('undo', '3', '--execute'), 0);
  expect(stateOf(crm)).toEqual(wrong);
  // The source asks for exactly this, so nothing is left to do after the pause.
  const sent = writes(crm.log).length;
  for (const target of ['crm', 'wiki']) expectExitCode(await cli.run('resume', target), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect([stateOf(crm), writes(crm.log).length]).toEqual([wrong, sent]);
});

test('deleted accounts and groups are created again, with their memberships', async () => {
  await using world = await loaded({ leavers: { action: 'delete', groups: 'delete' } });
  const { cli, crm } = world;
  const ids = [accountOf(crm, 'ada').id, [...crm.groups.keys()]] as const;
  world.people('2,bob,b,', '3,cyd,c,');
  world.groups('g2,Blue');
  world.members('g2,3', 'g2,2');
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual({ bob: 'b Blue', cyd: 'c Blue' });

  const shown = await cli.run('undo', '2');
  expectExitCode(shown, 0);
  expect(shown.stdout).toMatch(/user ada \(1\): gets a new id; what the old account owned does not come back/);
  expect(shown.stdout).toMatch(/group Red \(g1\): gets a new id; what the application tied to the old group/);
  expectExitCode(await cli.run('undo', '2', '--execute'), 0);
  expect(stateOf(crm)).toEqual(before);
  const ada = accountOf(crm, 'ada').id;
  expect([ada, [...crm.groups.keys()]]).not.toEqual(ids);
  const extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  expect(accountOf(crm, 'bob').data[extension]).toMatchObject({ manager: { value: ada } });

  for (const target of ['crm', 'wiki']) expectExitCode(await cli.run('resume', target), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual({ bob: 'b Blue', cyd: 'c Blue' });
});

test('what changed since stays: by a later pass, and by hand at the target', async () => {
  await using world = await loaded();
  const { cli, crm } = world;
  world.people('1,ada,wrong,', '2,bob,wrong,1', '3,cyd,wrong,1', '4,dan,d,1');
  expectExitCode(await cli.run('sync'), 0);
  world.people('1,ada,later,', '2,bob,wrong,1', '3,cyd,wrong,1', '4,dan,d,1');
  expectExitCode(await cli.run('sync'), 0);
  accountOf(crm, 'bob').data['title'] = 'by hand';
  crm.remove('User', accountOf(crm, 'dan').id);

  const shown = await cli.run('undo', '2', '--target', 'crm', '--json');
  expectExitCode(shown, 1);
  expect(operationLines(shown)).toMatchObject([
    { action: 'update', key: '3', changes: [{ path: 'title', from: 'wrong', to: 'c' }] },
  ]);
  expect(shown.lines.filter(({ type }) => type === 'note')).toMatchObject([
    { key: '1', note: 'title stays "later": pass 2 wrote "wrong", and it was changed since', problem: false },
    { key: '2', note: 'title stays "by hand": pass 2 wrote "wrong", and it was changed since', problem: false },
    { key: '4', note: 'stays as it is: the target does not have it any more', problem: true },
  ]);
  expectExitCode(await cli.run('undo', '2', '--target', 'crm', '--execute'), 1);
  expect(stateOf(crm)).toMatchObject({ ada: 'later Red', bob: 'by hand Red', cyd: 'c Blue' });
});

test('logins that changed hands are given back', async () => {
  await using world = await loaded();
  const { cli, crm } = world;
  world.people('1,bob,a,', '2,cyd,b,1', '3,ada,c,1');
  expectExitCode(await cli.run('sync'), 0);
  expect(stateOf(crm)).toEqual({ bob: 'a Red', cyd: 'b Red', ada: 'c Blue' });
  expectExitCode(await cli.run('undo', '2', '--execute'), 0);
  expect(stateOf(crm)).toEqual(before);
});

test('an undo is restricted to one user, who may have left', async () => {
  await using world = await withWrongExport();
  const { cli, crm } = world;
  expectExitCode(await cli.run('undo', '2', '--user', 'cyd', '--target', 'crm', '--execute'), 0);
  expect(stateOf(crm)).toEqual({ ...wrong, cyd: 'c Blue' });
});

test('an adopted account stays, with the values that it had before', async () => {
  await using world = await createTwoTargets();
  const { cli, crm } = world;
  world.people('1,ada,a,');
  world.groups();
  world.members();
  crm.seed('User', { userName: 'ada', title: 'boss', active: true, externalId: '1' });
  expectExitCode(await cli.run('sync', '--target', 'crm'), 0);
  expect(stateOf(crm)).toEqual({ ada: 'a' });
  const undo = await cli.run('undo', '1', '--execute', '--json');
  expectExitCode(undo, 0);
  expect(stateOf(crm)).toEqual({ ada: 'boss' });
  const shown = await cli.run('undo', '1');
  expect(shown.stdout).toMatch(/user ada \(1\): was adopted by pass 1, and stays managed/);
});
