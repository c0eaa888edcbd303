import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { patchOpSchema } from '../../src/scim/encode/patch.ts';
import { createCliWorkspace } from '../world/cli-workspace.ts';
import { expectExitCode } from '../world/fixture.ts';
import { unlimitedGuard } from '../world/limits.ts';
import { createSandboxWorld, type SandboxWorld, type Settings } from '../world/sandbox-world.ts';

jest.setTimeout(60_000);

interface Account {
  readonly id: string;
  readonly userName: string;
  readonly [name: string]: unknown;
}

interface World extends SandboxWorld {
  /** All accounts as the application shows them, by userName. */
  accounts(): Promise<readonly Account[]>;
  change(id: string, values: Settings): Promise<unknown>;
}

const company = { header: 'id,login,nick,cc,roles', mapping: { userName: 'user.login', roles: null } };

async function createWorld(profile: Parameters<typeof createSandboxWorld>[1] = {}): Promise<World> {
  const world = await createSandboxWorld(company, profile);
  return {
    ...world,
    async accounts() {
      const { Resources = [] } = (await world.call('GET', '/Users?count=100')) as { Resources?: Account[] };
      return Resources.toSorted((one, other) => (one.userName < other.userName ? -1 : 1));
    },
    async change(id, values) {
      const { meta: _, ...resource } = (await world.call('GET', `/Users/${id}`)) as Settings;
      if (profile.protocol?.update?.toLowerCase().endsWith('put') === true)
        return world.call('PUT', `/Users/${id}`, { ...resource, ...values });
      const operations = Object.entries(values).map(([path, value]) => ({ op: 'replace', path, value }));
      return world.call('PATCH', `/Users/${id}`, { schemas: [patchOpSchema], Operations: operations });
    },
  };
}

describe.each(['patch', 'put', 'getThenPut'] as const)('an attribute that only a create sets, by %s', (update) => {
  test('keeps what the application holds', async () => {
    await using world = await createWorld({ protocol: { update } });
    const { cli } = world;
    world.configure({ nickName: { value: 'user.nick', on: 'create' }, title: 'user.cc' });
    world.people('1,ada,Ada,a,', '2,bob,,b,');
    expectExitCode(await cli.run('sync'), 0);
    const [ada, bob] = await world.accounts();
    expect([ada?.['nickName'], bob?.['nickName']]).toEqual(['Ada', undefined]);

    // A person changes both by hand. Then all of their attributes change in the source.
    await world.change(ada?.id ?? '', { nickName: 'Countess' });
    await world.change(bob?.id ?? '', { nickName: 'Bobby' });
    world.people('1,ada,Other,a2,', '2,bob,Another,b2,');
    expectExitCode(await cli.run('plan', '--read-targets', '--exit-code'), 2);
    expectExitCode(await cli.run('sync'), 0);
    expect((await world.accounts()).map(({ nickName, title }) => [nickName, title])).toEqual([
      ['Countess', 'a2'],
      ['Bobby', 'b2'],
    ]);
    // A blank value in the source removes nothing, a leaver keeps it, and the full plan has no difference.
    world.people('1,ada,,a2,');
    expectExitCode(await cli.run('sync'), 0);
    expect((await world.accounts()).map(({ nickName, active }) => [nickName, active])).toEqual([
      ['Countess', true],
      ['Bobby', false],
    ]);
    world.people('1,ada,,a2,', '2,bob,X,b2,');
    expectExitCode(await cli.run('sync'), 0);
    expect((await world.accounts()).map(({ nickName, active }) => [nickName, active])).toEqual([
      ['Countess', true],
      ['Bobby', true],
    ]);
    expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
  });

  test('is not set in an account that is adopted', async () => {
    await using world = await createWorld({ protocol: { update } });
    world.configure({ title: 'user.cc' });
    world.people('1,ada,Ada,a,', '2,bob,Bob,b,');
    expectExitCode(await world.cli.run('sync'), 0);
    const [, bob] = await world.accounts();
    await world.change(bob?.id ?? '', { nickName: 'Bobby' });
    await using second = createCliWorkspace({ APP_TOKEN: world.token });
    writeFileSync(second.path('people.csv'), 'id,login,nick,cc\n1,ada,Ada,a\n2,bob,Bob,b2\n');
    second.configure({
      source: { type: 'csv', users: { file: 'people.csv', key: 'id' } },
      targets: [
        {
          ...{ name: 'app', url: world.sandbox.url, profile: { protocol: { update } }, guard: unlimitedGuard },
          auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
          mapping: {
            user: { userName: 'user.login', nickName: { value: 'user.nick', on: 'create' }, title: 'user.cc' },
          },
        },
      ],
    });
    expectExitCode(await second.run('sync'), 0);
    expect((await world.accounts()).map(({ nickName, title }) => [nickName, title])).toEqual([
      [undefined, 'a'],
      ['Bobby', 'b2'],
    ]);
  });
});

test('defaults and tables: a changed table changes the accounts', async () => {
  await using world = await createWorld();
  const user = {
    title: { value: 'tables.cost[user.cc]', default: "'Employee'" },
    nickName: { value: 'user.nick', default: 'user.login' },
  };
  world.configure(user, {}, { tables: { cost: { '1100': 'Sales' } } });
  world.people('1,ada,,1100,', '2,bob,Bobby,9,', '3,cyd,,,');
  expectExitCode(await world.cli.run('sync'), 0);
  const shown = async (): Promise<unknown> => (await world.accounts()).map(({ title, nickName }) => [title, nickName]);
  expect(await shown()).toEqual([
    ['Sales', 'ada'],
    ['Employee', 'Bobby'],
    ['Employee', 'cyd'],
  ]);
  // The file of the people is unchanged.
  world.configure(user, { tables: { cost: { '9': 'Research' } } }, { tables: { cost: { '1100': 'Sales' } } });
  expectExitCode(await world.cli.run('sync'), 0);
  expect(await shown()).toEqual([
    ['Employee', 'ada'],
    ['Research', 'Bobby'],
    ['Employee', 'cyd'],
  ]);
  expectExitCode(await world.cli.run('plan', '--exit-code'), 0);
});

describe.each(['patch', 'put', 'getThenPut'] as const)('a list of plain words, by %s', (update) => {
  test('is created, changed, removed and compared as such', async () => {
    await using world = await createWorld({
      supports: { lists: { roles: { plain: true } } },
      protocol: { update },
    });
    world.configure({ roles: "user.roles.split('|')", title: 'user.cc' });
    world.people('1,ada,,x,admin|editor', '2,bob,,x,');
    const roles = async (): Promise<unknown> => (await world.accounts()).map((account) => account['roles']);
    expectExitCode(await world.cli.run('sync'), 0);
    expect(await roles()).toEqual([['admin', 'editor'], undefined]);
    expectExitCode(await world.cli.run('plan', '--full', '--read-targets', '--exit-code'), 0);
    world.people('1,ada,,y,editor', '2,bob,,y,viewer');
    expectExitCode(await world.cli.run('sync'), 0);
    expect(await roles()).toEqual([['editor'], ['viewer']]);
    world.people('1,ada,,y,', '2,bob,,y,viewer');
    expectExitCode(await world.cli.run('sync'), 0);
    expect(await roles()).toEqual([undefined, ['viewer']]);
  });
});
