import { readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { expectExitCode, operationLines } from '../../world/fixture.ts';
import { stateOf } from '../suspensions/two-targets.ts';
import { before, loaded, unlimitedGuard, withWrongExport, wrong } from './world.ts';

jest.setTimeout(60_000);

test('bad input changes nothing, and states what is wrong', async () => {
  await using world = await withWrongExport();
  const { cli, crm } = world;
  for (const [args, message] of [
    [['7'], /no pass 7: it has the passes 1 to 2, and "plan" leaves none.*undo\.unknownPass/],
    [['7', '--execute'], /no pass 7/],
    [['two'], /whole number/],
    [[], /missing required argument 'pass'/],
    [['2', '--target', 'crn'], /unknown target: crn.*crm/],
    [['2', '--user', 'zoe'], /zoe/],
    [['2', '--reason', 'because'], /add --execute or --plan/],
  ] as const) {
    const run = await cli.run('undo', ...args);
    expectExitCode(run, args.includes('--user' as never) ? 1 : 4);
    expect(run.stderr).toMatch(message);
  }
  const outOfDate = await cli.run('undo', '2', '--plan', '000000000000');
  expectExitCode(outOfDate, 1);
  expect(outOfDate.stderr).toMatch(/plan 000000000000 is out of date: .*"scimsync undo 2 --plan \w{12}"/);
  expect(stateOf(crm)).toEqual(wrong);
  expect((await cli.run('passes', '--json')).lines.at(-1)).toMatchObject({ result: 'refused' });
  expectExitCode(await cli.run('sync'), 0);

  expectExitCode(await cli.run('freeze', 'ada', '--reason', 'lawsuit'), 0);
  const action = await cli.run('undo', '5');
  expectExitCode(action, 4);
  expect(action.stderr).toMatch(/5 is no pass, but the command "freeze ada --reason lawsuit"/);
  const empty = await cli.run('undo', '4', '--execute');
  expectExitCode(empty, 0);
  expect(empty.stdout).toMatch(/Pass 4 changed nothing there/);
});

test('without a state there is no pass', async () => {
  await using world = await loaded();
  const { cli } = world;
  writeFileSync(cli.path('other.json'), JSON.stringify({ state: './other.db' }));
  const run = await cli.run('-c', 'sync.config.json', '-c', 'other.json', 'undo', '1');
  expectExitCode(run, 4);
  expect(run.stderr).toMatch(/the journal has no pass 1: it has no pass yet/);
});

test('the guard holds an undo, and its plan id lets it through', async () => {
  await using world = await loaded({ guard: { ...unlimitedGuard, maxReactivations: 0, maxRemovals: 5 } });
  const { cli, crm } = world;
  world.people('1,ada,wrong,', '4,dan,d,1');
  world.members('g1,1');
  expectExitCode(await cli.run('sync'), 0);
  const shown = await cli.run('undo', '2', '--target', 'crm');
  expectExitCode(shown, 3);
  expect(shown.stdout).toMatch(
    /held: crm: .*the plan's id: "scimsync undo 2 --target crm", then "scimsync undo 2 --target crm --plan ID"/,
  );
  expect(shown.stdout).not.toMatch(/approve/);

  expectExitCode(await cli.run('undo', '2', '--target', 'crm', '--execute'), 3);
  expect(stateOf(crm)).toEqual({ ada: 'a Red', bob: '-', cyd: '-', dan: '-' });
  const left = await cli.run('undo', '2', '--target', 'crm', '--json');
  expectExitCode(left, 3);
  expect(operationLines(left)).toMatchObject([
    { action: 'reactivate', key: '2', held: true },
    { action: 'reactivate', key: '3', held: true },
    { action: 'addMembers', key: 'g1', held: true },
    { action: 'addMembers', key: 'g2', held: true },
  ]);
  const id = String(left.lines.find(({ type }) => type === 'summary')?.['plan']);
  expectExitCode(await cli.run('undo', '2', '--target', 'crm', '--plan', id, '--reason', 'checked'), 0);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
  expect((await cli.run('passes', '--json')).lines.at(-1)).toMatchObject({
    approvals: [{ reason: 'checked', plan: id }],
  });
});

test('frozen users and protected accounts stay as they are', async () => {
  await using world = await withWrongExport({ protect: "scim.userName == 'ada'" });
  const { cli, crm } = world;
  expectExitCode(await cli.run('freeze', 'cyd', '--reason', 'lawsuit'), 0);
  const undo = await cli.run('undo', '2', '--target', 'crm', '--execute', '--json');
  expectExitCode(undo, 3);
  expect(operationLines(undo).filter(({ outcome }) => outcome === 'held')).toMatchObject([
    { action: 'reactivate', key: '3', code: 'user.frozen' },
    { action: 'addMembers', key: 'g2', code: 'user.frozen' },
  ]);
  expect(stateOf(crm)).toMatchObject({ cyd: '-' });
});

test('a target that is gone, or that cannot be read, keeps what the pass did', async () => {
  await using world = await withWrongExport();
  const { cli, crm, wiki } = world;
  crm.options.fault = () => ({ status: 403 });
  const down = await cli.run('undo', '2', '--execute', '--json');
  expectExitCode(down, 1);
  expect(down.lines.filter(({ type }) => type === 'unread')).toMatchObject([{ target: 'crm' }]);
  expect([stateOf(crm), stateOf(wiki)]).toEqual([wrong, { ...before, dan: '-' }]);
  crm.options.fault = undefined;

  const config = JSON.parse(readFileSync(cli.path('sync.config.json'), 'utf8')) as { targets: unknown[] };
  cli.configure({ ...config, targets: config.targets.slice(0, 1) });
  const gone = await cli.run('undo', '2');
  expectExitCode(gone, 1);
  expect(gone.stdout).toMatch(/! wiki is not in the configuration; what the pass did there stays/);
  expectExitCode(await cli.run('undo', '2', '--execute'), 1);
  expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
});

test.each(['dropBefore', 'dropAfter'] as const)(
  'an undo without answers (%s) is completed by the next one',
  async (fault) => {
    await using world = await withWrongExport();
    const { cli, crm } = world;
    crm.options.fault = ({ method, path }) => (method === 'PATCH' && path.startsWith('/Users') ? fault : undefined);
    expectExitCode(await cli.run('undo', '2', '--target', 'crm', '--execute'), 1);
    expect(stateOf(crm)).not.toEqual({ ...before, dan: '-' });
    crm.options.fault = undefined;

    expectExitCode(await cli.run('undo', '2', '--target', 'crm', '--execute'), 0);
    expect(stateOf(crm)).toEqual({ ...before, dan: '-' });
  },
);

test('what retention has removed cannot be undone, and the message states why', async () => {
  await using world = await withWrongExport();
  const { cli } = world;
  const db = new Database(cli.path('scimsync.db'));
  db.exec(`insert into retention_mark (step, mark) values ('journalFrom', (select max(ended) from pass))`);
  db.close();
  const cut = await cli.run('undo', '1');
  expectExitCode(cut, 4);
  expect(cut.stderr).toMatch(/history\.keepDays has removed it/);
});
