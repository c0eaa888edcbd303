import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { CliResult } from '../../world/cli-workspace.ts';
import { configuration, createFixture, drainLog, expectExitCode, target, writes } from '../../world/fixture.ts';

jest.setTimeout(60_000);

interface PersonRow {
  readonly id: string;
  readonly userName: string;
  readonly given?: string;
  readonly family?: string;
  /** Default: the userName. */
  readonly email?: string;
  readonly manager?: string;
  readonly active?: boolean;
}

const people: readonly PersonRow[] = Array.from({ length: 30 }, (_, index) => ({
  id: `00${100 + index}`,
  userName: `user${index}@x.example`,
  given: `Given${index}`,
  family: `Family${index}`,
  ...(index === 0 ? {} : { manager: '00100' }),
}));

type Fixture = Awaited<ReturnType<typeof createFixture>>;

async function open(source: object = {}): Promise<Fixture> {
  const fixture = await createFixture();
  const { url } = fixture.server;
  const mapping = {
    user: {
      userName: 'user.userName',
      'emails[type eq "work"].value': 'user.email',
      'name.givenName': 'user.given',
      'name.familyName': 'user.family',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager': 'user.manager',
    },
    group: { displayName: 'group.displayName' },
  };
  fixture.cli.configure(
    configuration([target(url, { mapping })], {
      groups: { file: 'groups.csv', key: 'id' },
      memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
      ...source,
    }),
  );
  return fixture;
}

function write({ cli }: Fixture, rows: readonly PersonRow[]): void {
  const lines = rows.map(({ id, userName, email = userName, given = '', family = '', manager = '', active = true }) =>
    [id, userName, email, given, family, manager, active].join(','),
  );
  writeFileSync(cli.path('users.csv'), ['id,userName,email,given,family,manager,active', ...lines, ''].join('\n'));
  writeFileSync(cli.path('groups.csv'), 'id,displayName\neng,Engineering\n');
  const members = rows.slice(0, 10).map(({ id }) => `eng,${id}`);
  writeFileSync(cli.path('memberships.csv'), ['group,member', ...members, ''].join('\n'));
}

const accounts = ({ server }: Fixture) => [...server.users.values()].map(({ data }) => data);

const withoutZeros = (key: string | undefined): string | undefined => key?.replace(/^0+/, '');

const keyChanges = ({ lines }: CliResult): readonly unknown[] =>
  lines.filter(({ type }) => type === 'keyChange').map(({ from, to }) => [from, to]);

async function sync(fixture: Fixture, ...args: string[]): Promise<CliResult> {
  return fixture.cli.run('sync', '--json', ...args);
}

describe('keys without their leading zeros', () => {
  const changed = people.map((person) => ({
    ...person,
    id: withoutZeros(person.id) ?? '',
    ...(person.manager === undefined ? {} : { manager: withoutZeros(person.manager) ?? '' }),
  }));

  test('change nothing until relink, and then only the externalId of each account', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    const before = accounts(fixture).map(({ id, active }) => [id, active]);
    drainLog(fixture.server);

    write(fixture, changed);
    for (let pass = 0; pass < 2; pass += 1) {
      const held = await sync(fixture);
      expectExitCode(held, 3);
      expect(keyChanges(held)).toHaveLength(30);
      expect(writes(drainLog(fixture.server))).toEqual([]);
    }
    expect((await fixture.cli.run('plan')).stdout).toContain('30 people changed their key');
    expect((await fixture.cli.run('status')).stdout).toContain('key changed: 00100 → 100');

    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    const log = writes(drainLog(fixture.server));
    expect(log.map(({ method }) => method)).toEqual(Array(30).fill('PATCH'));
    expect(accounts(fixture).map(({ id, active }) => [id, active])).toEqual(before);
    expect(
      accounts(fixture)
        .map(({ externalId }) => externalId)
        .sort(),
    ).toEqual(changed.map(({ id }) => id).sort());
    expectExitCode(await sync(fixture), 0);
    expect(drainLog(fixture.server)).toEqual([]);
    const history = await fixture.cli.run('history', '--user', '100', '--json');
    expect(history.lines.map(({ action }) => action)).toEqual(['create', 'addMembers', 'update']);
    expect((await fixture.cli.run('history', '--user', '00100', '--json')).lines).toHaveLength(3);
  });
});

describe('one person with another key', () => {
  const [ada, bob, ...others] = people;
  if (ada === undefined || bob === undefined) throw new Error('there are no people');
  const converted: PersonRow = { ...bob, id: 'E-900' };

  test.each([
    ['the same userName and name', converted],
    ['the same e-mail address and name', { ...converted, userName: 'bob@x.example', email: 'USER1@x.example' }],
  ])('waits: %s', async (_, row) => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    drainLog(fixture.server);
    write(fixture, [ada, row, ...others]);
    const held = await sync(fixture);
    expectExitCode(held, 3);
    expect(keyChanges(held)).toEqual([['00101', 'E-900']]);
    expect(writes(drainLog(fixture.server))).toEqual([]);
    expect((await fixture.cli.run('explain', 'E-900')).stdout).toContain('key changed: 00101 → E-900');
  });

  test('is relinked without an operator by "relink": "auto"', async () => {
    await using fixture = await open({ relink: 'auto' });
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    const before = accounts(fixture).map(({ userName, active }) => [userName, active]);
    drainLog(fixture.server);
    write(fixture, [ada, converted, ...others]);
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server)).map(({ method }) => method)).toEqual(['PATCH']);
    expect(accounts(fixture).map(({ userName, active }) => [userName, active])).toEqual(before);
    expectExitCode(await sync(fixture), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('is relinked right after a plan showed it, before any pass recorded it', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, converted, ...others]);
    expectExitCode(await fixture.cli.run('plan'), 3);
    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    expect(accounts(fixture).find(({ userName }) => userName === bob.userName)).toMatchObject({ externalId: 'E-900' });
  });

  test('is another person by relink --as-new: a leaver and a joiner', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, converted, ...others]);
    expectExitCode(await sync(fixture), 3);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('relink', '--as-new'), 0);
    await sync(fixture);
    await sync(fixture);
    const bobs = accounts(fixture).filter(({ name }) => JSON.stringify(name).includes('Given1"'));
    expect(bobs.map(({ externalId, active }) => [externalId, active]).sort()).toEqual([
      ['00101', false],
      ['E-900', true],
    ]);
  });

  test('with another name is a leaver and a joiner in one pass', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, { ...converted, given: 'Eve', family: 'Other' }, ...others]);
    const pass = await sync(fixture);
    expectExitCode(pass, 0);
    expect(keyChanges(pass)).toEqual([]);
    expect(accounts(fixture).filter(({ active }) => active === false)).toHaveLength(1);
  });

  const returned: PersonRow = { ...converted, userName: 'bob@x.example', email: 'USER1@x.example' };

  test.each([
    ['userName', converted],
    ['e-mail address', returned],
  ])('who left before and returns with another key and the same %s keeps the account', async (_, row) => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, ...others]);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, row, ...others]);
    const held = await sync(fixture);
    expectExitCode(held, 3);
    expect(keyChanges(held)).toEqual([['00101', 'E-900']]);
    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    const account = accounts(fixture).filter(({ userName }) => userName === row.userName);
    expect(account.map(({ externalId, active }) => [externalId, active])).toEqual([['E-900', true]]);
    expect(accounts(fixture)).toHaveLength(30);
  });

  test('who gets the e-mail address of an earlier leaver, and has another name, is a joiner', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, ...others]);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, { ...returned, given: 'Eve', family: 'Other' }, ...others]);
    const pass = await sync(fixture);
    expectExitCode(pass, 0);
    expect(keyChanges(pass)).toEqual([]);
    expect(accounts(fixture)).toHaveLength(31);
  });

  const inactive: PersonRow = { ...bob, active: false };

  test.each([
    ['vanishes', []],
    ['becomes inactive', [inactive]],
  ])('stood beside the old one in an earlier export, and the old one %s', async (_, old) => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    const before = accounts(fixture).map(({ id, active }) => [id, active]);
    drainLog(fixture.server);
    write(fixture, [...people, converted]);
    expectExitCode(await sync(fixture), 1);
    for (let pass = 0; pass < 2; pass += 1) {
      write(fixture, [ada, converted, ...others, ...old]);
      const held = await sync(fixture);
      expectExitCode(held, 3);
      expect(keyChanges(held)).toEqual([['00101', 'E-900']]);
    }
    expect(writes(drainLog(fixture.server))).toEqual([]);
    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server)).map(({ method }) => method)).toEqual(['PATCH']);
    expect(accounts(fixture).map(({ id, active }) => [id, active])).toEqual(before);
    expectExitCode(await sync(fixture), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('with both records inactive is a leaver, and keeps the account at the return', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, converted, ...others, inactive]);
    expectExitCode(await sync(fixture), 3);
    write(fixture, [ada, { ...converted, active: false }, ...others, inactive]);
    const pass = await sync(fixture);
    expectExitCode(pass, 0);
    expect(keyChanges(pass)).toEqual([]);
    expect(accounts(fixture).filter(({ active }) => active === false)).toHaveLength(1);
    write(fixture, [ada, converted, ...others, inactive]);
    expect(keyChanges(await sync(fixture))).toEqual([['00101', 'E-900']]);
    expect(accounts(fixture)).toHaveLength(30);
  });

  test('vanishes and is inactive under the new key: a leaver', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, { ...converted, active: false }, ...others]);
    const pass = await sync(fixture);
    expectExitCode(pass, 0);
    expect(keyChanges(pass)).toEqual([]);
    expect(accounts(fixture).filter(({ active }) => active === false)).toHaveLength(1);
  });

  test('who is inactive when all keys change keeps the account, too', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, inactive, ...others]);
    expectExitCode(await sync(fixture), 0);
    const renumber = (one: PersonRow): PersonRow => ({
      ...one,
      id: `N${one.id}`,
      ...(one.manager === undefined ? {} : { manager: `N${one.manager}` }),
    });
    write(fixture, [ada, inactive, ...others].map(renumber));
    const held = await sync(fixture);
    expectExitCode(held, 3);
    expect(keyChanges(held)).toHaveLength(30);
    expectExitCode(await fixture.cli.run('relink'), 0);
    expectExitCode(await sync(fixture), 0);
    write(fixture, people.map(renumber));
    expectExitCode(await sync(fixture), 0);
    expect(accounts(fixture).filter(({ active }) => active !== false)).toHaveLength(30);
    expect(accounts(fixture)).toHaveLength(30);
  });

  test('relink FILE reports all mistakes and changes nothing', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    writeFileSync(fixture.cli.path('pairs.csv'), 'old;new\nunknown;X\n00101;00102\n');
    const refused = await fixture.cli.run('relink', fixture.cli.path('pairs.csv'));
    expectExitCode(refused, 4);
    expect(refused.stderr).toContain('the state knows no user or group with the key unknown');
    expect(refused.stderr).toContain('00102 has an account of its own at app');
    writeFileSync(fixture.cli.path('pairs.csv'), 'a,b,c\n00101\n00101,00101\n');
    expectExitCode(await fixture.cli.run('relink', fixture.cli.path('pairs.csv')), 4);
    expectExitCode(await fixture.cli.run('relink'), 1);
    expectExitCode(await sync(fixture), 0);
    writeFileSync(fixture.cli.path('pairs.csv'), '00101,00102\n00102,00101\n00103,N9999\n');
    const contradicting = await fixture.cli.run('relink', fixture.cli.path('pairs.csv'));
    expectExitCode(contradicting, 4);
    expect(contradicting.stderr).toContain('00101 → 00102: 00101 is still an active record of the source');
    expect(contradicting.stderr).toContain('00102 → 00101: 00102 is still an active record of the source');
    expect(contradicting.stderr).toContain('00103 → N9999: the source has no record with the key N9999');
    expect(contradicting.stderr).toContain('"--force"');
    drainLog(fixture.server);
    expectExitCode(await sync(fixture), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
    writeFileSync(fixture.cli.path('pairs.csv'), '00101,00102\n00102,00101\n');
    expectExitCode(await fixture.cli.run('relink', '--force', fixture.cli.path('pairs.csv')), 0);
  });

  test('relink FILE takes a pair that no pass has seen, of a person with another name', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await sync(fixture), 0);
    write(fixture, [ada, { ...converted, family: 'Married' }, ...others]);
    writeFileSync(fixture.cli.path('pairs.csv'), '00101,E-900\n');
    expectExitCode(await fixture.cli.run('relink', fixture.cli.path('pairs.csv')), 0);
    expectExitCode(await sync(fixture), 0);
    expect(accounts(fixture)).toHaveLength(30);
    expect(accounts(fixture).filter(({ active }) => active === false)).toEqual([]);
  });
});

test('a person with the old key of another one waits, and gets an account of their own after relink', async () => {
  await using fixture = await open({ relink: 'auto' });
  const [ada, bob, ...others] = people;
  if (ada === undefined || bob === undefined) throw new Error('there are no people');
  write(fixture, people);
  expectExitCode(await sync(fixture), 0);
  drainLog(fixture.server);
  const joiner = { id: bob.id, userName: 'new@x.example', given: 'New', family: 'Comer' };
  write(fixture, [ada, joiner, ...others, { ...bob, id: 'E-900', manager: '00101' }]);
  const held = await sync(fixture);
  expectExitCode(held, 3);
  expect(keyChanges(held)).toEqual([['00101', 'E-900']]);
  expect(writes(drainLog(fixture.server))).toEqual([]);
  expectExitCode(await fixture.cli.run('relink'), 0);
  expectExitCode(await sync(fixture), 0);
  expect(
    accounts(fixture)
      .filter(({ externalId }) => externalId === '00101' || externalId === 'E-900')
      .map(({ externalId, userName, active }) => [externalId, userName, active]),
  ).toEqual([
    ['E-900', bob.userName, true],
    ['00101', 'new@x.example', true],
  ]);
});

test('a person who marries keeps the account, also while a joiner gets the former userName', async () => {
  await using fixture = await open();
  const [ada, bob, ...others] = people;
  if (ada === undefined || bob === undefined) throw new Error('there are no people');
  write(fixture, people);
  expectExitCode(await sync(fixture), 0);
  const joiner = { id: 'J1', userName: bob.userName, given: 'Other', family: 'Person' };
  write(fixture, [ada, { ...bob, userName: 'married@x.example', family: 'Married' }, ...others, joiner]);
  const run = await sync(fixture);
  expectExitCode(run, 0);
  expect(keyChanges(run)).toEqual([]);
});

test('without names, one reused userName is a leaver and a joiner, and many are a change of keys', async () => {
  await using fixture = await open();
  const nameless = people.map(({ id, userName }) => ({ id, userName }));
  const renumbered = nameless.map((person, index) => ({ ...person, id: `N${index}` }));
  const reused = { ...nameless[0], id: 'R0', userName: 'user0@x.example' };
  write(fixture, nameless);
  expectExitCode(await sync(fixture), 0);
  drainLog(fixture.server);
  write(fixture, [reused, ...nameless.slice(1)]);
  expect(keyChanges(await sync(fixture))).toEqual([]);
  write(fixture, nameless);
  await sync(fixture);
  await sync(fixture);
  drainLog(fixture.server);
  write(fixture, renumbered);
  const held = await sync(fixture);
  expectExitCode(held, 3);
  expect(keyChanges(held)).toHaveLength(30);
  expect(writes(drainLog(fixture.server))).toEqual([]);
});
