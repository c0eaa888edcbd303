import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, jest, test } from '@jest/globals';
import type { JsonLine } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { createTwoTargets, type TwoTargets } from '../suspensions/two-targets.ts';

jest.setTimeout(60_000);

const hourMs = 3_600_000;

async function loaded(target: object = {}): Promise<TwoTargets> {
  const world = await createTwoTargets(target);
  world.people('1,ada,a,', '2,bob<script>,b,1', '3,cyd,c,1');
  world.groups('g1,Red');
  world.members('g1,1', 'g1,2');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

async function evidenceOf({ cli }: TwoTargets, code: number, ...args: string[]): Promise<JsonLine> {
  const run = await cli.run('evidence', '--json', ...args);
  expectExitCode(run, code);
  const [line] = run.lines;
  if (line === undefined) throw new Error(`no line: ${run.stdout}`);
  return line;
}

const openCodes = (evidence: JsonLine): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    (evidence['targets'] as { target: string; open: { code: string }[] }[]).map(({ target, open }) => [
      target,
      open.map(({ code }) => code),
    ]),
  );

test('a leaver: what the source stated, what each application answered, and how it was verified', async () => {
  await using world = await loaded();
  const { cli } = world;
  const before = await evidenceOf(world, 1, '--user', '2');
  expect(before).toMatchObject({ closed: false, source: { present: true, active: true }, ended: null });
  expect(openCodes(before)).toEqual({ crm: ['active'], wiki: ['active'] });

  world.people('1,ada,a,', '3,cyd,c,1');
  world.members('g1,1');
  expectExitCode(await cli.run('pause', 'wiki', '--reason', 'migration'), 0);
  expectExitCode(await cli.runAhead(hourMs, 'sync'), 3);
  const paused = await evidenceOf(world, 1, '--user', '2');
  expect(paused).toMatchObject({ source: { present: false }, ended: { pass: 3, reason: 'left the source' } });
  expect(openCodes(paused)).toEqual({ crm: [], wiki: ['active', 'paused'] });
  expectExitCode(await cli.run('resume', 'wiki'), 0);
  expectExitCode(await cli.runAhead(3 * hourMs, 'sync'), 0);

  const closed = await evidenceOf(world, 0, '--user', 'bob<script>');
  const targets = closed['targets'] as readonly Readonly<Record<string, Record<string, unknown>>>[];
  expect(targets).toMatchObject([
    { target: 'crm', account: 'inactive', acknowledged: { action: 'deactivate', status: 200 }, open: [] },
    { target: 'wiki', account: 'inactive', ended: { pass: 3 }, verified: { evidence: 'read' }, open: [] },
  ]);
  const [crm, wiki] = targets.map(({ acknowledged }) => Number(acknowledged?.['milliseconds']));
  expect(crm).toBeLessThan(hourMs);
  expect(wiki).toBeGreaterThan(hourMs);
  const text = await cli.run('evidence', '--user', '2');
  expect(text.stdout).toMatch(/verified: a read showed it at .*, 2 h.* after that pass began/);
  expect(text.stdout).toContain('all access is closed, and was shown to be closed');

  expectExitCode(await cli.run('evidence', '--user', '2', '--html', 'bob.html'), 0);
  const page = readFileSync(cli.path('bob.html'), 'utf8');
  expect(page).toContain('bob&lt;script&gt; (2)');
  expect(page).not.toMatch(/<script|<img|src=|href=|url\(/);
  for (const line of text.stdout
    .trimEnd()
    .split('\n')
    .filter((one) => !one.includes('bob')))
    expect(page).toContain(line.trim().replaceAll('"', '&quot;'));
  expect((await cli.run('evidence', '--user', '2', '--html')).stdout).toContain('<!doctype html>');

  const unknown = await cli.run('evidence', '--user', 'zoe');
  expectExitCode(unknown, 1);
  expect(unknown.stderr).toContain('(code: commandLine.subjectNotFound)');
  expect(openCodes(await evidenceOf(world, 0, '--user', '2', '--target', 'crm'))).toEqual({ crm: [] });
});

test('an application that is gone from the configuration, or forgotten, and a key that changed', async () => {
  await using world = await loaded();
  const { cli } = world;
  const configuration = JSON.parse(readFileSync(cli.path('sync.config.json'), 'utf8')) as { targets: object[] };
  world.people('1,ada,a,', '3,cyd,c,1');
  world.members('g1,1');
  expectExitCode(await cli.run('sync', '--target', 'crm'), 0);
  writeFileSync(
    cli.path('sync.config.json'),
    JSON.stringify({ ...configuration, targets: configuration.targets.slice(0, 1) }),
  );
  const gone = await evidenceOf(world, 1, '--user', '2');
  expect(openCodes(gone)).toEqual({ crm: [], wiki: ['active', 'notConfigured'] });
  expectExitCode(await cli.run('target', 'forget', 'wiki'), 0);
  const forgotten = await evidenceOf(world, 1, '--user', '2');
  expect(openCodes(forgotten)).toEqual({ crm: [], wiki: ['forgotten', 'notConfigured'] });
  expect((await cli.run('evidence', '--user', '2')).stdout).toContain('while it was open');

  world.people('1,ada,a,', 'c-3,cyd,c,1');
  writeFileSync(cli.path('pairs.csv'), '3,c-3\n');
  expectExitCode(await cli.run('relink', 'pairs.csv'), 0);
  expect(await evidenceOf(world, 1, '--user', '3')).toMatchObject({ key: 'c-3', formerKeys: [{ key: '3' }] });
});

test('a frozen person', async () => {
  await using world = await loaded();
  const { cli } = world;
  world.people('1,ada,a,', '2,bob<script>,b,1');
  expectExitCode(await cli.run('freeze', '3', '--reason', 'lawsuit'), 0);
  expectExitCode(await cli.run('sync'), 3);
  expect(openCodes(await evidenceOf(world, 1, '--user', '3'))).toEqual({
    crm: ['active', 'frozen'],
    wiki: ['active', 'frozen'],
  });
  expect((await cli.run('evidence', '--user', '3')).stdout).toMatch(
    new RegExp(`OPEN: ${userInfo().username} on .* froze the user at .*: lawsuit`),
  );
});
