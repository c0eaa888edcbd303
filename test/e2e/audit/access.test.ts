import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import { createTwoTargets, type TwoTargets } from '../suspensions/two-targets.ts';
import { seededRandom } from '../../world/random.ts';

jest.setTimeout(120_000);

const hourMs = 3_600_000;

async function accessOf({ cli }: TwoTargets, byMs: number, ...args: string[]): Promise<readonly string[]> {
  const run = await cli.runAhead(byMs, 'access', '--json', ...args);
  expectExitCode(run, 0);
  return run.lines.map(({ target, key, account, groups }) =>
    [target, key, account, ...(groups as { key: string }[]).map((group) => group.key)].join(' '),
  );
}

test('the access at a time is what the snapshot held then, for a random life', async () => {
  await using world = await createTwoTargets({ leavers: { action: 'deactivate', deleteAfterDays: 1 } });
  const { cli } = world;
  const random = seededRandom(11);
  const recorded: { readonly at: string; readonly access: readonly string[] }[] = [];
  for (let step = 1; step <= 5; step += 1) {
    const people = ['1', '2', '3', '4'].filter((key) => key === '1' || random() < 0.6);
    const groups = ['g1', 'g2'].filter(() => random() < 0.8);
    world.people(...people.map((key) => `${key},u${key},t${step},`));
    world.groups(...groups.map((key) => `${key},Group ${key}`));
    world.members(
      ...groups.flatMap((group) => people.filter(() => random() < 0.5).map((member) => `${group},${member}`)),
    );
    const byMs = step * 15 * hourMs;
    expectExitCode(await cli.runAhead(byMs, 'sync'), 0);
    recorded.push({ at: new Date(Date.now() + byMs).toISOString(), access: await accessOf(world, byMs) });
  }
  for (const { at, access } of recorded) expect(await accessOf(world, 99 * hourMs, '--at', at)).toEqual(access);
  const last = recorded.at(-1)?.access ?? [];
  expect(await accessOf(world, 99 * hourMs, '--user', '1')).toEqual(last.filter((row) => row.split(' ')[1] === '1'));
  expect(await accessOf(world, 99 * hourMs, '--target', 'crm')).toEqual(last.filter((row) => row.startsWith('crm')));
});

test('access of the future and without a pass is refused, and CSV has names of groups', async () => {
  await using world = await createTwoTargets();
  const { cli } = world;
  expectExitCode(await cli.run('access'), 1);
  world.people('1,=ada,a,');
  world.groups('g1,Red');
  world.members('g1,1');
  expectExitCode(await cli.run('sync'), 0);
  const future = await cli.run('access', '--at', '2999-01-01');
  expectExitCode(future, 4);
  expect(future.stderr).toContain('(code: commandLine.timeNotCovered)');
  const csv = await cli.run('access', '--group', 'Red', '--target', 'crm', '--csv');
  expect(csv.stdout).toBe("at,target,key,name,account,groups,roles\r\n,crm,1,'=ada,active,Red,\r\n");
  expect((await cli.run('access', '--at', '2020-01-01')).stdout).toBe('No account matches.\n');
});
