import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliWorkspace } from '../world/cli-workspace.ts';
import { expectExitCode, operationLines } from '../world/fixture.ts';
import { unlimitedGuard } from '../world/limits.ts';
import { startStrictServer, type StrictServer } from '../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

interface World extends AsyncDisposable {
  readonly cli: CliWorkspace;
  readonly server: StrictServer;
  people(...rows: readonly string[]): void;
  members(...rows: readonly string[]): void;
  /** userName → title, and the names of the groups; '-' is inactive. */
  state(): Readonly<Record<string, string>>;
}

async function createWorld(guard: object = unlimitedGuard): Promise<World> {
  const server = await startStrictServer();
  const cli = createCliWorkspace({ APP_TOKEN: server.token });
  cli.configure({
    source: {
      type: 'csv',
      users: { file: 'people.csv', key: 'id' },
      groups: { file: 'groups.csv', key: 'id' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
      sanity: { maxShrink: '100%', maxBlank: '100%' },
    },
    targets: [
      {
        ...{ name: 'app', url: server.url, guard, limits: { requestsPerSecond: 1000 } },
        auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
        mapping: {
          user: { userName: 'user.login', title: 'user.title', manager: 'user.boss' },
          group: { displayName: 'group.name' },
        },
      },
    ],
  });
  writeFileSync(cli.path('groups.csv'), 'id,name\ng1,Red\ng2,Blue\n');
  return {
    cli,
    server,
    people: (...rows) => writeFileSync(cli.path('people.csv'), ['id,login,title,boss', ...rows, ''].join('\n')),
    members: (...rows) => writeFileSync(cli.path('members.csv'), ['group,member', ...rows, ''].join('\n')),
    state() {
      const groups = [...server.groups.values()];
      return Object.fromEntries(
        [...server.users.values()].map(({ id, data }) => [
          String(data['userName']),
          [
            data['active'] === false ? '-' : data['title'],
            ...groups
              .filter(({ data: group }) =>
                ((group['members'] ?? []) as { value: string }[]).some(({ value }) => value === id),
              )
              .map(({ data: group }) => group['displayName']),
          ].join(' '),
        ]),
      );
    },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

describe('a pass for one user', () => {
  test('sends only the changes of this user, and the next pass sends the others', async () => {
    await using world = await createWorld();
    const { cli } = world;
    world.people('1,ada,a,', '2,bob,b,', '3,cyd,c,');
    world.members('g1,1', 'g1,2');
    expectExitCode(await cli.run('sync'), 0);
    world.people('1,ada,a2,', '2,bob,b2,', '4,dan,d,5', '5,eve,e,', '6,fay,f,4');
    world.members('g2,1', 'g2,2', 'g1,4', 'g1,5');
    expect(operationLines(await cli.run('plan', '--user', 'ada', '--json')).map(({ key }) => key)).toEqual(
      expect.arrayContaining(['1']),
    );
    expectExitCode(await cli.run('sync', '--user', 'ADA'), 0);
    expect(world.state()).toEqual({ ada: 'a2 Blue', bob: 'b Red', cyd: 'c' });
    // A leaver, and a joiner whose manager has no account yet.
    expectExitCode(await cli.run('sync', '--user', '3'), 0);
    expectExitCode(await cli.run('sync', '--user', 'dan', '--target', 'app'), 0);
    expect(world.state()).toEqual({ ada: 'a2 Blue', bob: 'b Red', cyd: '-', dan: 'd Red' });
    expectExitCode(await cli.run('sync', '--group', 'Blue'), 0);
    expect(world.state()).toMatchObject({ ada: 'a2 Blue', bob: 'b Red Blue', dan: 'd Red' });
    expectExitCode(await cli.run('sync'), 0);
    const expected = { ada: 'a2 Blue', bob: 'b2 Blue', cyd: '-', dan: 'd Red', eve: 'e Red', fay: 'f' };
    expect(world.state()).toEqual(expected);
    const dan = [...world.server.users.values()].find(({ data }) => data['userName'] === 'dan');
    expect(JSON.stringify(dan?.data)).toContain('"manager"');
    expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
  });

  test('passes while the changes of others are held', async () => {
    await using world = await createWorld({});
    const rows = Array.from({ length: 40 }, (_, index) => `${index},p${index},t,`);
    world.people(...rows);
    world.members();
    expectExitCode(await world.cli.run('sync'), 0);
    world.people(...rows.slice(25));
    const inactive = (): readonly string[] => Object.keys(world.state()).filter((name) => world.state()[name] === '-');
    expectExitCode(await world.cli.run('sync'), 3);
    expect(inactive()).toEqual([]);
    expectExitCode(await world.cli.run('sync', '--user', 'p0'), 0);
    expect(inactive()).toEqual(['p0']);
    expectExitCode(await world.cli.run('sync'), 3);
    expect(inactive()).toEqual(['p0']);
  });

  test('the plan shows the names of members and managers', async () => {
    await using world = await createWorld();
    const { cli } = world;
    world.people('1,ada,a,', '2,bob,b,1');
    world.members('g1,1');
    expectExitCode(await cli.run('sync'), 0);
    world.people('1,ada,a,', '2,bob,b,3', '3,cyd,c,');
    world.members('g1,2', 'g1,3');
    const { stdout } = await cli.run('plan');
    expect(stdout).toContain('group Red (g1): remove member ada, add member bob');
    expect(stdout).toContain('group Red (g1): add member cyd');
    expect(stdout).toMatch(/update user bob \(2\): \S*manager\S* "ada" → "cyd"/);
    expect((await cli.run('explain', 'bob')).stdout).toMatch(/add members? bob/);
  });

  test('the history and failures show the names of members and managers, and the keys in --json', async () => {
    await using world = await createWorld();
    const { cli } = world;
    world.people('1,ada,a,', '2,bob,b,1', '3,cyd,c,');
    world.members('g1,1');
    expectExitCode(await cli.run('sync'), 0);
    world.people('1,ada,a,', '2,bob,b,3', '3,cyd,c,');
    world.members('g1,2', 'g1,3');
    expectExitCode(await cli.run('sync'), 0);
    // A member whose account is gone is named by the journal.
    world.people('2,bob,b,', '3,cyd,c,');
    expectExitCode(await cli.run('sync'), 0);
    const { stdout } = await cli.run('history', '--group', 'Red');
    expect(stdout).toContain('group Red (g1): remove member ada, add members bob, cyd → done');
    expect((await cli.run('history', '--user', 'bob')).stdout).toMatch(/\S*manager\S* "ada" → "cyd"/);
    const { lines } = await cli.run('history', '--group', 'Red', '--json');
    expect(lines).toContainEqual(
      expect.objectContaining({ action: 'addMembers', changes: [{ path: 'members', from: null, to: ['2', '3'] }] }),
    );
  });

  test.each([
    ['an unknown user', ['sync', '--user', 'nemo'], 1, 'nemo'],
    ['a group as a user', ['plan', '--user', 'Red'], 1, 'Red'],
    ['several users', ['plan', '--user', 'same'], 1, 'name one of them by its key: 1'],
    ['a user and a group', ['sync', '--user', 'ada', '--group', 'Red'], 4, 'either'],
  ])('is refused for %s', async (_what, args, code, message) => {
    await using world = await createWorld();
    world.people('1,ada,same,', '2,bob,same,');
    world.members();
    const run = await world.cli.run(...args);
    expectExitCode(run, code);
    expect(run.stderr).toContain(message);
    expect(world.state()).toEqual({});
  });
});
