import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { CliResult } from '../../world/cli-workspace.ts';
import { configuration, createFixture, drainLog, expectExitCode, target, writes } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

type Fixture = Awaited<ReturnType<typeof createFixture>>;

interface GroupRow {
  readonly key: string;
  readonly name: string;
  readonly members: readonly string[];
}

const userIds = Array.from({ length: 12 }, (_, index) => String(index + 1));

const teams: readonly GroupRow[] = [
  { key: '001', name: 'Engineering', members: ['1', '2', '3', '4'] },
  { key: '002', name: 'Sales', members: ['5', '6', '7'] },
  { key: '003', name: 'Board', members: ['8', '9', '10', '11'] },
];

const renumbered = (form: (key: string) => string): readonly GroupRow[] =>
  teams.map((team) => ({ ...team, key: form(team.key) }));

async function open(source: object = {}, changes: object = {}): Promise<Fixture> {
  const fixture = await createFixture();
  const mapping = {
    user: { userName: 'user.userName', 'name.givenName': 'user.given', 'name.familyName': 'user.family' },
    group: { displayName: 'group.displayName' },
  };
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping, ...changes })], {
      groups: { file: 'groups.csv', key: 'id' },
      memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
      ...source,
    }),
  );
  return fixture;
}

function write({ cli }: Fixture, groups: readonly GroupRow[], userKey = (id: string): string => id): void {
  const file = (name: string, lines: readonly string[]): void =>
    writeFileSync(cli.path(name), [...lines, ''].join('\n'));
  file('users.csv', [
    'id,userName,given,family,active',
    ...userIds.map((id) => `${userKey(id)},user${id}@x.example,Given${id},Family${id},true`),
  ]);
  file('groups.csv', ['id,displayName', ...groups.map(({ key, name }) => `${key},${name}`)]);
  const members = groups.flatMap(({ key, members: ids }) => ids.map((id) => `${key},${userKey(id)}`));
  file('memberships.csv', ['group,member', ...members]);
}

const sync = async ({ cli }: Fixture): Promise<CliResult> => cli.run('sync', '--json');

const keyChanges = ({ lines }: CliResult): readonly unknown[] =>
  lines.filter(({ type }) => type === 'keyChange').map(({ resource, from, to }) => [resource, from, to]);

/** displayName → externalId, id at the target, and ids of the members, sorted. */
function groupsAt({ server }: Fixture): Readonly<Record<string, readonly [unknown, string, readonly string[]]>> {
  return Object.fromEntries(
    [...server.groups.values()].map(({ id, data }) => [
      String(data['displayName']),
      [
        data['externalId'],
        id,
        ((data['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort(),
      ] as const,
    ]),
  );
}

const withoutKeys = (fixture: Fixture) =>
  Object.fromEntries(Object.entries(groupsAt(fixture)).map(([name, [, ...others]]) => [name, others]));

async function loaded(fixture: Fixture): Promise<void> {
  write(fixture, teams);
  expectExitCode(await sync(fixture), 0);
  drainLog(fixture.server);
}

test('groups that contain only groups wait with them, at each level', async () => {
  await using fixture = await open();
  const form = (key: string): string => (key.length === 3 ? `G-${key}` : key);
  const nested: readonly GroupRow[] = [
    { key: '010', name: 'Division', members: ['001', '002'] },
    { key: '011', name: 'Company', members: ['010', '012'] },
    { key: '012', name: 'Management', members: ['003'] },
  ];
  write(fixture, [...teams, ...nested]);
  expectExitCode(await sync(fixture), 0);
  const before = withoutKeys(fixture);
  drainLog(fixture.server);
  write(
    fixture,
    [...teams, ...nested].map((one) => ({ ...one, key: form(one.key), members: one.members.map(form) })),
  );
  for (let pass = 0; pass < 2; pass += 1) {
    const held = await sync(fixture);
    expectExitCode(held, 3);
    expect(keyChanges(held)).toHaveLength(6);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  }
  expectExitCode(await fixture.cli.run('relink'), 0);
  expectExitCode(await sync(fixture), 0);
  expect(withoutKeys(fixture)).toEqual(before);
});

describe('groups under other keys', () => {
  test.each([
    ['another column', (key: string) => `G-${key}`],
    ['lost zeros', (key: string) => key.replace(/^0+/, '')],
    // Users have these keys too.
    ['keys that users have', (key: string) => String(Number(key) + 4)],
  ])('wait for relink and keep their members: %s', async (_, form) => {
    await using fixture = await open();
    await loaded(fixture);
    const before = withoutKeys(fixture);

    write(fixture, renumbered(form));
    for (let pass = 0; pass < 2; pass += 1) {
      const held = await sync(fixture);
      expectExitCode(held, 3);
      expect(keyChanges(held)).toEqual(teams.map(({ key }) => ['Group', key, form(key)]));
      expect(writes(drainLog(fixture.server))).toEqual([]);
    }
    expect((await fixture.cli.run('plan')).stdout).toContain('3 groups changed their key');
    expect((await fixture.cli.run('status')).stdout).toContain(`key of a group changed: 001 → ${form('001')}`);
    expect((await fixture.cli.run('explain', '001')).stdout).toContain('key of a group changed');

    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server)).map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'PATCH']);
    expect(withoutKeys(fixture)).toEqual(before);
    expect(Object.values(groupsAt(fixture)).map(([externalId]) => externalId)).toEqual(
      teams.map(({ key }) => form(key)),
    );
    expectExitCode(await sync(fixture), 0);
    expect(drainLog(fixture.server)).toEqual([]);
    // Operators may ask by the former key. A user with the same key goes first.
    expectExitCode(await fixture.cli.run('explain', '001'), 0);
    const byOldKey = await fixture.cli.run('history', '--group', '001', '--json');
    expect(byOldKey.lines.length).toBeGreaterThan(0);
    expect(byOldKey.lines).toEqual((await fixture.cli.run('history', '--group', form('001'), '--json')).lines);
    const history = await fixture.cli.run('history', '--json');
    expect(history.lines.filter(({ resource, action }) => resource === 'Group' && action === 'delete')).toEqual([]);
  });

  test('wait together with their members', async () => {
    await using fixture = await open();
    await loaded(fixture);
    const before = withoutKeys(fixture);
    write(
      fixture,
      renumbered((key) => `G${key}`),
      (id) => `U${id}`,
    );
    const held = await sync(fixture);
    expectExitCode(held, 3);
    expect(keyChanges(held)).toHaveLength(15);
    expect(writes(drainLog(fixture.server))).toEqual([]);
    expect((await fixture.cli.run('plan')).stdout).toContain('12 people and 3 groups changed their key');
    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    expect(withoutKeys(fixture)).toEqual(before);
    drainLog(fixture.server);
    expectExitCode(await sync(fixture), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('gain joiners and lose movers while they wait', async () => {
    await using fixture = await open();
    await loaded(fixture);
    const [engineering, ...others] = renumbered((key) => `G${key}`);
    if (engineering === undefined) throw new Error('there is no group');
    write(fixture, [{ ...engineering, members: ['1', '2', '3', '12'] }, ...others]);
    expectExitCode(await sync(fixture), 3);
    const [key, , members] = groupsAt(fixture)['Engineering'] ?? [];
    const names = members?.map((id) => fixture.server.users.get(id)?.data['userName']);
    expect(key).toBe('001');
    expect(names?.toSorted()).toEqual(['user12@x.example', 'user1@x.example', 'user2@x.example', 'user3@x.example']);
    drainLog(fixture.server);
    expectExitCode(await sync(fixture), 3);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('are others by relink --as-new, or with other members', async () => {
    await using fixture = await open({}, { guard: unlimitedGuard, leavers: { groups: 'delete' } });
    await loaded(fixture);
    const [engineering, sales, board] = teams;
    if (engineering === undefined || sales === undefined || board === undefined) throw new Error('there are no groups');
    write(fixture, [engineering, sales, { ...board, key: 'B', members: ['1', '2', '3'] }]);
    expect(keyChanges(await sync(fixture))).toEqual([]);

    write(fixture, [engineering, { ...sales, key: 'S' }, { ...board, key: 'B', members: ['1', '2', '3'] }]);
    const held = await sync(fixture);
    expect(keyChanges(held)).toEqual([['Group', '002', 'S']]);
    expectExitCode(await fixture.cli.run('relink', '--as-new'), 0);
    expect(keyChanges(await sync(fixture))).toEqual([]);
    await sync(fixture);
    expect([...fixture.server.groups.values()].map(({ data }) => data['externalId']).sort()).toEqual(['001', 'B', 'S']);
  });

  test('are others by relink --as-new, and get the names of the groups that stay empty', async () => {
    await using fixture = await open({}, { guard: unlimitedGuard });
    await loaded(fixture);
    write(
      fixture,
      renumbered((key) => `G${key}`),
    );
    expectExitCode(await sync(fixture), 3);
    expectExitCode(await fixture.cli.run('relink', '--as-new'), 0);
    expectExitCode(await sync(fixture), 0);
    const groups = groupsAt(fixture);
    expect(teams.map(({ name }) => [groups[name]?.[0], groups[name]?.[2].length])).toEqual(
      teams.map(({ key, members }) => [`G${key}`, members.length]),
    );
    const others = Object.entries(groups).filter(([name]) => name.includes('.left-'));
    expect(others.map(([, [externalId, , members]]) => [externalId, members.length]).sort()).toEqual(
      teams.map(({ key }) => [key, 0]),
    );
    drainLog(fixture.server);
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('are relinked without an operator by "relink": "auto"', async () => {
    await using fixture = await open({ relink: 'auto' });
    await loaded(fixture);
    const before = withoutKeys(fixture);
    write(
      fixture,
      renumbered((key) => `G${key}`),
    );
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server)).map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'PATCH']);
    expect(withoutKeys(fixture)).toEqual(before);
    expectExitCode(await sync(fixture), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('move by a file of pairs', async () => {
    await using fixture = await open();
    await loaded(fixture);
    write(
      fixture,
      renumbered((key) => `G${key}`),
    );
    writeFileSync(fixture.cli.path('pairs.csv'), '001,G001\n002,G002\n003,G003\nnone,N\n');
    const refused = await fixture.cli.run('relink', fixture.cli.path('pairs.csv'));
    expectExitCode(refused, 4);
    expect(refused.stderr).toContain('knows no user or group with the key none');
    writeFileSync(fixture.cli.path('pairs.csv'), '001,G001\n002,G002\n003,G003\n');
    expectExitCode(await fixture.cli.run('relink', fixture.cli.path('pairs.csv')), 0);
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server)).map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'PATCH']);
  });
});
