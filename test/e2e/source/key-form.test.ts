import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import {
  configuration,
  createFixture,
  drainLog,
  enterpriseUser,
  expectExitCode,
  target,
  writes,
  type Fixture,
} from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

const keyForm = ['trim', 'ignoreCase', 'stripLeadingZeros'];

const files = {
  users: { file: 'users.csv', key: 'id' },
  groups: { file: 'groups.csv', key: 'id' },
  memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
};

interface Row {
  readonly id: string;
  readonly name: string;
  readonly manager?: string;
  readonly active?: boolean;
}

const people: readonly Row[] = Array.from({ length: 12 }, (_, index) => ({
  id: `00E${index}`,
  name: `user${index}`,
  ...(index === 0 ? {} : { manager: '00E0' }),
}));

function configure({ cli, server }: Fixture, source: object = {}, users: object = {}): void {
  const user = { userName: 'user.name', [`${enterpriseUser}:manager`]: 'user.manager' };
  cli.configure(
    configuration([target(server.url, { mapping: { user, group: { displayName: 'group.name' } } })], {
      ...files,
      users: { ...files.users, ...users },
      ...source,
    }),
  );
}

function write({ cli }: Fixture, rows: readonly Row[], spell: (key: string) => string = (key) => key): void {
  const lines = rows.map(({ id, name, manager = '', active = true }) => `${id},${name},${manager},${String(active)}`);
  writeFileSync(cli.path('users.csv'), ['id,name,manager,active', ...lines, ''].join('\n'));
  writeFileSync(cli.path('groups.csv'), `id,name\n${spell('0G1')},Engineering\n`);
  const members = rows.slice(0, 5).map(({ id }) => `${spell('0G1')},${spell(id)}`);
  writeFileSync(cli.path('memberships.csv'), ['group,member', ...members, ''].join('\n'));
}

/** What the application holds: externalIds, the userName of each manager, the members. */
function held({ server }: Fixture): unknown {
  const users = [...server.users.values()].map(({ id, data }) => ({ id, data }));
  const nameOf = (id: unknown): unknown => users.find((one) => one.id === id)?.data['userName'];
  const managerOf = (data: Readonly<Record<string, unknown>>): unknown => {
    const { manager } = (data[enterpriseUser] ?? {}) as { manager?: { value?: string } };
    return nameOf(manager?.value);
  };
  return {
    users: users.map(({ data }) => [data['userName'], data['externalId'], data['active'], managerOf(data)]).sort(),
    groups: [...server.groups.values()].map(({ data }) => [
      data['displayName'],
      data['externalId'],
      ((data['members'] ?? []) as { value: string }[]).map(({ value }) => nameOf(value)).sort(),
    ]),
  };
}

const shortened = (key: string): string => key.replace(/^0+/, '').toLowerCase();

describe('keyForm', () => {
  test('turned on for an existing state sends nothing, whatever the export does to its keys afterwards', async () => {
    await using fixture = await createFixture();
    configure(fixture);
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    const before = held(fixture);
    drainLog(fixture.server);

    configure(fixture, { keyForm });
    expectExitCode(await fixture.cli.run('plan', '--exit-code'), 0);
    for (const spell of [(key: string) => key, shortened, (key: string) => ` ${key}\u200b `, shortened]) {
      const rows = people.map(({ manager, ...row }) => ({
        ...row,
        id: spell(row.id),
        ...(manager === undefined ? {} : { manager: spell(manager) }),
      }));
      write(fixture, rows, spell);
      const run = await fixture.cli.run('sync', '--json');
      expectExitCode(run, 0);
      expect(writes(drainLog(fixture.server))).toEqual([]);
    }
    expect(held(fixture)).toEqual(before);
    expect((await fixture.cli.run('explain', '00E3')).stdout).toContain('user3');
    expect((await fixture.cli.run('history', '--user', '00E3', '--json')).lines.length).toBeGreaterThan(0);

    // A leaver is still a leaver, and a joiner gets the canonical key.
    write(fixture, [...people.slice(0, 11), { id: '00E77', name: 'user77', manager: 'e0' }]);
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    expect(held(fixture)).toMatchObject({
      users: expect.arrayContaining([
        ['user11', '00E11', false, 'user0'],
        ['user77', 'e77', true, 'user0'],
      ]) as unknown,
    });
  });

  test('joins references and keys in other forms in a first load', async () => {
    await using fixture = await createFixture();
    configure(fixture, { keyForm });
    write(
      fixture,
      people.map(({ manager, ...row }) => ({ ...row, ...(manager === undefined ? {} : { manager: ' e0 ' }) })),
      shortened,
    );
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    expect(held(fixture)).toMatchObject({
      users: expect.arrayContaining([['user3', 'e3', true, 'user0']]) as unknown,
      groups: [['Engineering', 'g1', ['user0', 'user1', 'user2', 'user3', 'user4']]],
    });
  });

  test('two rows with one key by their form follow "rows"', async () => {
    await using fixture = await createFixture();
    const twice = [...people, { id: 'e3', name: 'user3-second' }];
    configure(fixture, { keyForm });
    write(fixture, twice);
    const rejected = await fixture.cli.run('sync', '--json');
    expectExitCode(rejected, 1);
    expect(rejected.stderr).toContain('the key e3 stands on line 5 too');
    expect(fixture.server.users.size).toBe(11);
    configure(fixture, { keyForm }, { rows: 'last' });
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    expect(held(fixture)).toMatchObject({
      users: expect.arrayContaining([['user3-second', 'e3', true, undefined]]) as unknown,
    });
    expect(fixture.server.users.size).toBe(12);
  });

  test('that would join two people of the state is refused', async () => {
    await using fixture = await createFixture();
    configure(fixture);
    write(fixture, [...people, { id: 'e3', name: 'other' }]);
    expectExitCode(await fixture.cli.run('sync'), 0);
    drainLog(fixture.server);
    configure(fixture, { keyForm });
    const refused = await fixture.cli.run('sync');
    expectExitCode(refused, 1);
    expect(refused.stderr).toContain('code: source.keysCollide');
    expect(refused.stderr).toContain('00E3 and e3');
    expect(writes(drainLog(fixture.server))).toEqual([]);
    // Without the second row, its account is one of a leaver, and the other one keeps its own.
    configure(fixture);
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    configure(fixture, { keyForm });
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
    expect(held(fixture)).toMatchObject({
      users: expect.arrayContaining([
        ['user3', '00E3', true, 'user0'],
        ['other', 'e3', false, undefined],
      ]) as unknown,
    });
  });

  test('a lost state recognises the accounts by the form of their externalId', async () => {
    await using fixture = await createFixture();
    configure(fixture);
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    const before = held(fixture);
    configure(fixture, { keyForm });
    drainLog(fixture.server);
    for (const name of ['scimsync.db', 'scimsync.db-wal', 'scimsync.db-shm'])
      rmSync(fixture.cli.path(name), { force: true });
    const adopted = await fixture.cli.run('sync', '--json');
    expectExitCode(adopted, 0);
    expect(adopted.lines.find(({ type }) => type === 'summary')).toMatchObject({ orphans: 0 });
    expect(held(fixture)).toEqual(before);
  });

  test('turned off waits for relink: no externalId is sent, and no other person gets an account', async () => {
    await using fixture = await createFixture();
    configure(fixture);
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    configure(fixture, { keyForm });
    expectExitCode(await fixture.cli.run('sync'), 0);
    const before = held(fixture);
    drainLog(fixture.server);

    configure(fixture);
    write(fixture, [...people, { id: 'e3', name: 'other' }]);
    for (let pass = 0; pass < 2; pass += 1) {
      const waiting = await fixture.cli.run('sync', '--json');
      expectExitCode(waiting, 3);
      expect(writes(drainLog(fixture.server))).toEqual([]);
      expect(waiting.lines.filter(({ type }) => type === 'keyChange')).toHaveLength(13);
    }
    expect((await fixture.cli.run('status')).stdout).toContain('e3 is the key of another user now');

    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    const sent = writes(drainLog(fixture.server));
    expect(sent.map(({ method, path }) => [method, path])).toEqual([['POST', '/Users']]);
    expect(held(fixture)).toEqual({
      ...(before as object),
      users: [...(before as { users: unknown[][] }).users, ['other', 'e3', true, undefined]].sort(),
    });
    expect((await fixture.cli.run('explain', 'e3')).stdout).toContain('userName = "other"');
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('turned off and on again sends nothing that the key decides, and everything else', async () => {
    await using fixture = await createFixture();
    configure(fixture);
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    configure(fixture, { keyForm });
    expectExitCode(await fixture.cli.run('sync'), 0);
    drainLog(fixture.server);

    const mapping = {
      user: { userName: 'user.name', title: 'user.name', [`${enterpriseUser}:manager`]: 'user.manager' },
      group: { displayName: 'group.name' },
    };
    const targets = [target(fixture.server.url, { mapping, guard: unlimitedGuard })];
    for (const [form, exitCode] of [
      [[], 3],
      [keyForm, 0],
    ] as const) {
      fixture.cli.configure(configuration(targets, { ...files, keyForm: form }));
      expectExitCode(await fixture.cli.run('sync', '--json'), exitCode);
    }
    const bodies = writes(drainLog(fixture.server)).map(({ body }) => JSON.stringify(body));
    expect(bodies).toHaveLength(people.length);
    expect(bodies.filter((body) => body.includes('externalId'))).toEqual([]);
    expect([...fixture.server.users.values()].map(({ data }) => data['title']).sort()).toEqual(
      people.map(({ name }) => name).sort(),
    );
  });

  test('at a target that is new, nothing is created for people whose key waits', async () => {
    await using fixture = await createFixture();
    await using second = await createFixture();
    configure(fixture, { keyForm });
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    const mapping = { user: { userName: 'user.name' }, group: { displayName: 'group.name' } };
    const targets = [target(fixture.server.url, { mapping }), target(second.server.url, { mapping, name: 'second' })];
    fixture.cli.configure(configuration(targets, files));
    expectExitCode(await fixture.cli.run('sync', '--json'), 3);
    expect(writes(drainLog(second.server))).toEqual([]);
    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    expect([...second.server.users.values()].map(({ data }) => data['externalId']).sort()).toEqual(
      people.map(({ id }) => id).sort(),
    );
  });
});
