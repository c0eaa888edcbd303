import { userInfo } from 'node:os';
import { expect, jest, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { expectExitCode } from '../../world/fixture.ts';
import { createTwoTargets } from '../suspensions/two-targets.ts';

jest.setTimeout(60_000);

const records = (text: string): readonly Record<string, string>[] =>
  parse(text, { columns: true, record_delimiter: '\r\n' });

test('history and passes show who did what and why, within a time, for people, as JSON and as CSV', async () => {
  await using world = await createTwoTargets();
  const { cli } = world;
  const me = userInfo().username;
  world.people('1,ada,=1+1,', '2,bob,b,1');
  world.groups('g1,Red');
  world.members('g1,1', 'g1,2');
  expectExitCode(await cli.run('sync'), 0);
  expectExitCode(await cli.run('pause', 'wiki', '--reason', 'migration'), 0);
  world.people('1,ada,=1+1,');
  world.members('g1,1');
  expectExitCode(await cli.runAhead(86_400_000, 'sync', '--accept-source', '--reason', 'bob left'), 3);
  expectExitCode(await cli.run('approve', '0123456789ab', '--reason', 'none'), 1);

  const times = (await cli.run('history', '--json')).lines.map((line) => String(line['at'] ?? line['answered']));
  expect(times).toEqual(times.toSorted());
  const [first] = times;
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const later = await cli.run('history', '--since', tomorrow, '--json');
  expect(later.lines).toMatchObject([
    { action: 'deactivate', key: '2', target: 'crm', operator: me },
    { action: 'removeMembers', key: 'g1', target: 'crm' },
  ]);
  expect((await cli.run('history', '--until', String(first), '--json')).lines).toHaveLength(1);
  const both = await cli.run('history', '--user', 'bob', '--target', 'crm', '--until', tomorrow, '--csv');
  expect(records(both.stdout).map(({ action, outcome, operator }) => [action, outcome, operator])).toEqual([
    ['create', 'done', me],
    ['addMembers', 'done', me],
    ['deactivate', 'done', me],
    ['removeMembers', 'done', me],
  ]);
  const titles = await cli.run('history', '--user', 'ada', '--target', 'wiki', '--csv');
  expect(titles.stdout).toContain('title: null → ""=1+1""');
  expect(titles.stdout.split('\r\n').at(-1)).toBe('');
  expectExitCode(await cli.run('history', '--since', tomorrow, '--until', '2020-01-01'), 4);
  expectExitCode(await cli.run('history', '--until', 'soon'), 4);
  expectExitCode(await cli.run('history', '--json', '--csv'), 4);

  const passes = (await cli.run('passes', '--json')).lines;
  expect(passes).toMatchObject([
    { type: 'pass', command: 'sync', operator: me, result: 'done' },
    {
      type: 'action',
      command: 'pause wiki --reason migration',
      operator: me,
      note: `${me} paused target wiki: migration`,
    },
    { type: 'pass', operator: me, note: `${me} accepted the source read with --accept-source: bob left` },
  ]);
  expect((await cli.run('passes', '--until', tomorrow, '--since', tomorrow, '--json')).lines).toHaveLength(1);
  const rows = records((await cli.run('passes', '--csv')).stdout);
  expect(rows.map(({ type, target, done, deactivate }) => [type, target, done, deactivate])).toEqual([
    ['pass', 'crm', '4', '0'],
    ['pass', 'wiki', '4', '0'],
    ['action', '', '', ''],
    ['pass', 'crm', '2', '1'],
  ]);
  expect((await cli.run('passes')).stdout).toMatch(new RegExp(`action 2 .*${me} on .*paused target wiki: migration`));
});
