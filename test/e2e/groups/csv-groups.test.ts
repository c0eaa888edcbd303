import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import {
  configuration,
  createFixture,
  drainLog,
  expectExitCode,
  groupFiles,
  summaryLines,
  target,
  writes,
  type Fixture,
} from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

type Settings = Readonly<Record<string, unknown>>;

const table = (header: string, ...rows: readonly string[]): string => `${[header, ...rows].join('\n')}\n`;
const names = [...'abcdefghijklmn'].map((letter) => `user-${letter}`);
const all = names.join(' ');
const users = table('id,userName', ...names.map((name) => `${name},${name}`));
const groups = table('id,name', 'chat,Chat users', 'sales,Sales', 'blocked,Blocked');
const memberships = (...rows: readonly string[]): string => table('group,member', ...rows);

/** A workspace with 14 people and three groups, and the first pass done. */
async function workspace(
  rules: Settings,
  rows: readonly string[],
  more: { readonly files?: Settings; readonly source?: Settings } = {},
): Promise<Fixture> {
  const fixture = await createFixture();
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping: undefined, ...rules })], {
      users: { file: 'users.csv', key: 'id' },
      ...groupFiles,
      ...more.source,
    }),
  );
  write(fixture, { 'users.csv': users, 'groups.csv': groups, 'memberships.csv': memberships(...rows), ...more.files });
  expectExitCode(await fixture.cli.run('sync'), 0);
  drainLog(fixture.server);
  return fixture;
}

function write(fixture: Fixture, files: Settings): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(fixture.cli.path(name), content as string);
}

/** The names of the active accounts. */
const active = ({ server }: Fixture): string =>
  [...server.users.values()]
    .filter(({ data }) => data['active'] !== false)
    .map(({ data }) => String(data['userName']))
    .toSorted()
    .join(' ');

const sent = ({ server }: Fixture): readonly string[] =>
  writes(drainLog(server)).map(({ method, path }) => `${method} ${path.split('/')[1]}`);

const chatUsers: Settings = { scope: { users: `'Chat users' in groups`, groups: 'false' }, guard: unlimitedGuard };

describe('people in scope by a group', () => {
  test('come and go with their memberships, nested ones too, and the groups are not sent', async () => {
    await using at = await workspace(chatUsers, ['chat,user-a', 'chat,sales', 'sales,user-b', 'blocked,user-c']);
    expect([active(at), at.server.groups.size]).toEqual(['user-a user-b', 0]);

    write(at, {
      'memberships.csv': memberships('chat,sales', 'sales,user-b', 'chat,blocked', 'blocked,user-c', 'blocked,user-d'),
    });
    expectExitCode(await at.cli.run('sync'), 0);
    expect([active(at), sent(at)]).toEqual(['user-b user-c user-d', ['PATCH Users', 'POST Users', 'POST Users']]);

    // The inner group leaves the outer one: its members are leavers, except who is in it in another way.
    write(at, {
      'memberships.csv': memberships('chat,sales', 'sales,user-b', 'blocked,user-c', 'blocked,user-d', 'sales,user-d'),
    });
    expectExitCode(await at.cli.run('sync'), 0);
    expect([active(at), sent(at)]).toEqual(['user-b user-d', ['PATCH Users']]);

    // They return under the same ids.
    write(at, {
      'memberships.csv': memberships('chat,sales', 'sales,user-b', 'chat,user-c', 'chat,user-a', 'sales,user-d'),
    });
    expectExitCode(await at.cli.run('sync'), 0);
    expect([active(at), sent(at)]).toEqual(['user-a user-b user-c user-d', ['PATCH Users', 'PATCH Users']]);
    expectExitCode(await at.cli.run('sync', '--full'), 0);
    expect(sent(at)).toEqual([]);
  });

  test('are leavers when the group gets another name or leaves the source', async () => {
    await using at = await workspace(chatUsers, ['chat,user-a', 'sales,user-b', 'chat,sales']);
    write(at, { 'groups.csv': groups.replace('Chat users', 'Messaging') });
    expectExitCode(await at.cli.run('sync'), 0);
    expect([active(at), sent(at)]).toEqual(['', ['PATCH Users', 'PATCH Users']]);
    write(at, { 'groups.csv': groups });
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(at)).toBe('user-a user-b');
    write(at, { 'groups.csv': table('id,name', 'chat,Chat users', 'blocked,Blocked') });
    expectExitCode(await at.cli.run('sync', '--accept-source'), 0);
    expect(active(at)).toBe('user-a');
  });

  test('are held by the guard as leavers if they are many', async () => {
    const rules = { scope: chatUsers['scope'], guard: { maxRemovals: 2, floor: 0 } };
    await using at = await workspace(
      rules,
      names.map((name) => `chat,${name}`),
    );
    write(at, { 'groups.csv': groups.replace('Chat users', 'Messaging') });
    const run = await at.cli.run('sync', '--json');
    expectExitCode(run, 3);
    expect(summaryLines(run)).toMatchObject([{ held: { kinds: [{ kind: 'usersRemoved', count: names.length }] } }]);
    expect(active(at)).toBe(all);
    write(at, { 'groups.csv': groups });
    expectExitCode(await at.cli.run('sync'), 0);
    expect(sent(at)).toEqual([]);
  });

  test('stay if the memberships are cut off, and the reading is refused', async () => {
    await using at = await workspace(
      chatUsers,
      names.map((name) => `chat,${name}`),
    );
    const complete = memberships(...names.map((name) => `chat,${name}`));
    write(at, { 'memberships.csv': complete.slice(0, -3) });
    expectExitCode(await at.cli.run('sync'), 1);
    write(at, { 'memberships.csv': memberships('chat,user-a', 'chat,user-b') });
    expectExitCode(await at.cli.run('sync'), 1);
    write(at, { 'memberships.csv': memberships() });
    expectExitCode(await at.cli.run('sync'), 1);
    expect([active(at), sent(at)]).toEqual([all, []]);
  });

  test('keep access by a rejected row, and get none by it', async () => {
    await using at = await workspace(chatUsers, ['chat,user-a', 'chat,user-b', 'sales,user-c']);
    write(at, { 'memberships.csv': memberships('chat,user-a', 'chat;user-b', 'sales,user-c') });
    expectExitCode(await at.cli.run('sync'), 1);
    expect([active(at), sent(at)]).toEqual(['user-a user-b', []]);
    write(at, { 'memberships.csv': memberships('chat,user-a', 'sales,user-c') });
    expectExitCode(await at.cli.run('sync', '--accept-source'), 0);
    expect(active(at)).toBe('user-a');
  });

  test('the loss of the column with the names refuses the reading', async () => {
    await using at = await workspace(chatUsers, ['chat,user-a', 'sales,user-b']);
    write(at, { 'groups.csv': groups.replace('id,name', 'id,title') });
    const run = await at.cli.run('sync');
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: source.columnVanished)');
    expect([active(at), sent(at)]).toEqual(['user-a', []]);
  });

  test('in a column of the users, and by a configured column with the name', async () => {
    await using column = await workspace(chatUsers, [], {
      source: { groups: { column: 'teams' }, memberships: undefined },
      files: { 'users.csv': table('id,userName,teams', 'user-a,user-a,Chat users;Sales', 'user-b,user-b,Sales') },
    });
    expect(active(column)).toBe('user-a');
    await using named = await workspace(chatUsers, ['chat,user-a'], {
      source: { groups: { file: 'groups.csv', key: 'id', name: 'label' } },
      files: { 'groups.csv': table('id,name,label', 'chat,x,Chat users', 'sales,Chat users,y') },
    });
    expect(active(named)).toBe('user-a');
  });
});

describe('people in scope as members of groups in scope', () => {
  const rules: Settings = {
    scope: { users: `user.userName != 'user-f'`, groups: `group.name.startsWith('Chat')`, onlyMembers: true },
    guard: unlimitedGuard,
  };

  test('follow the scope of their groups', async () => {
    await using at = await workspace(rules, ['chat,user-a', 'chat,user-f', 'sales,user-b', 'blocked,user-c']);
    expect([active(at), at.server.groups.size]).toEqual(['user-a', 1]);
    write(at, { 'groups.csv': groups.replace('Sales', 'Chat guests') });
    expectExitCode(await at.cli.run('sync'), 0);
    expect([active(at), at.server.groups.size]).toEqual(['user-a user-b', 2]);
    write(at, { 'groups.csv': groups });
    drainLog(at.server);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(at)).toBe('user-a');
  });

  test('also at an application without groups', async () => {
    await using at = await workspace({ ...rules, profile: { extends: 'generic', supports: { groups: false } } }, [
      'chat,user-a',
      'sales,user-b',
      'chat,blocked',
      'blocked,user-c',
    ]);
    expect([active(at), at.server.groups.size]).toEqual(['user-a user-c', 0]);
  });
});

test('roles follow groups, with one request for each person concerned', async () => {
  const user = { roles: `'Sales' in groups ? ['seller'] : ['member']` };
  await using at = await workspace({ mapping: { user }, scope: { groups: 'false' } }, ['chat,user-a', 'sales,user-b']);
  const roles = (): unknown =>
    [...at.server.users.values()]
      .filter(({ data }) => JSON.stringify(data['roles']).includes('seller'))
      .map(({ data }) => data['userName']);
  expect(roles()).toEqual(['user-b']);
  write(at, { 'memberships.csv': memberships('chat,user-a', 'sales,chat') });
  expectExitCode(await at.cli.run('sync'), 0);
  expect([roles(), sent(at)]).toEqual([['user-a'], ['PATCH Users', 'PATCH Users']]);
});

test('explain shows the groups of a person, and why a person is out of scope', async () => {
  const scope = { users: `'Chat users' in groups && !('Blocked' in groups)`, groups: 'false' };
  await using at = await workspace({ scope }, ['chat,sales', 'sales,user-b', 'blocked,user-b']);
  const { stdout } = await at.cli.run('explain', 'user-b');
  expect(stdout).toContain('"Chat users" (chat): through "Sales" (sales)\n');
  expect(stdout).toContain('"Blocked" (blocked): direct member\n');
  expect(stdout).toContain('    scope: out: ');
  expect(stdout).toContain('      decided by the group "Blocked" (blocked)\n');
});

test('groups in a rule, and no groups in the source, are a mistake in the configuration', async () => {
  await using at = await workspace(chatUsers, ['chat,user-a']);
  at.cli.configure(
    configuration([target(at.server.url, { mapping: undefined, ...chatUsers })], {
      users: { file: 'users.csv', key: 'id' },
    }),
  );
  const run = await at.cli.run('sync');
  expectExitCode(run, 4);
  expect(run.stderr).toContain('targets[0].scope.users');
  expect(active(at)).toBe('user-a');
});
