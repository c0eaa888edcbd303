import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import type { CliResult } from '../../world/cli-workspace.ts';
import { configuration, createFixture, drainLog, expectExitCode, target, writes } from '../../world/fixture.ts';

jest.setTimeout(60_000);

interface PersonRow {
  readonly id: string;
  readonly login: string;
  readonly given: string;
  readonly family: string;
  readonly active?: boolean;
  readonly group?: string;
}

const people: readonly PersonRow[] = Array.from({ length: 30 }, (_, index) => ({
  id: `00${100 + index}`,
  login: `user${index}`,
  given: `Given${'abcdefghijklmnopqrstuvwxyzäöüß'[index] ?? ''}`,
  family: `Family${index}`,
  group: 'eng',
}));
const [ada, bob, ...others] = people;
if (ada === undefined || bob === undefined) throw new Error('there are no people');
const left = { ...bob, given: 'Bob', family: 'Builder', login: 'bob' };
const joiner: PersonRow = { id: bob.id, login: 'zoe', given: 'Zoe', family: 'Quandt', group: 'hr' };
const before = [ada, left, ...others];
const after = [ada, joiner, ...others];

type Fixture = Awaited<ReturnType<typeof createFixture>>;

/** A target that has all people. */
async function open(source: object = {}): Promise<Fixture> {
  const fixture = await createFixture();
  const mapping = {
    user: {
      userName: "user.login + '@x.example'",
      'name.givenName': 'user.given',
      'name.familyName': 'user.family',
    },
  };
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping })], {
      groups: { file: 'groups.csv', key: 'id' },
      memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
      ...source,
    }),
  );
  write(fixture, before);
  expectExitCode(await sync(fixture), 0);
  drainLog(fixture.server);
  return fixture;
}

function write({ cli }: Fixture, rows: readonly PersonRow[]): void {
  const lines = rows.map(({ id, login, given, family, active = true }) => [id, login, given, family, active].join(','));
  writeFileSync(cli.path('users.csv'), ['id,login,given,family,active', ...lines, ''].join('\n'));
  writeFileSync(cli.path('groups.csv'), 'id,displayName\neng,Engineering\nhr,Human Resources\n');
  const members = rows.map(({ id, group = 'eng' }) => `${group},${id}`);
  writeFileSync(cli.path('memberships.csv'), ['group,member', ...members, ''].join('\n'));
}

async function sync(fixture: Fixture, ...args: string[]): Promise<CliResult> {
  return fixture.cli.run('sync', '--json', ...args);
}

const keyChanges = ({ lines }: CliResult): readonly unknown[] =>
  lines.filter(({ type }) => type === 'keyChange').map(({ from, to, name }) => [from, to, name]);

/** Accounts of the former and of the present person: externalId, userName, whether it is active. */
const accountsOf = ({ server }: Fixture): readonly unknown[] =>
  [...server.users.values()]
    .map(({ data }) => data)
    .filter(({ userName }) => /^(bob|zoe)@/.test(String(userName)))
    .map(({ externalId, userName, active }) => [
      String(externalId).replace(/ \(former person, until .*\)$/, ' (former)'),
      userName,
      active !== false,
    ])
    .sort();

const namesOf = ({ server }: Fixture, displayName: string): number =>
  [...server.groups.values()]
    .map(({ data }) => data)
    .filter((group) => group['displayName'] === displayName)
    .flatMap(({ members = [] }) => members as unknown[]).length;

test('a key that names another person waits: no account is renamed, and no membership is given', async () => {
  await using fixture = await open({ relink: 'auto' });
  write(fixture, after);
  for (let pass = 0; pass < 2; pass += 1) {
    const held = await sync(fixture);
    expectExitCode(held, 3);
    expect(keyChanges(held)).toEqual([[bob.id, bob.id, 'zoe@x.example']]);
  }
  expect(accountsOf(fixture)).toEqual([[bob.id, 'bob@x.example', true]]);
  expect(namesOf(fixture, 'Human Resources')).toBe(0);
  const text = 'key names another person: 00101, Bob Builder before, Zoe Quandt now (zoe@x.example)';
  for (const command of ['plan', 'status', 'check']) expect((await fixture.cli.run(command)).stdout).toContain(text);
  expect((await fixture.cli.run('explain', bob.id)).stdout).toContain(text);
  // Corrected in the source.
  write(fixture, before);
  expectExitCode(await sync(fixture), 0);
  expect(accountsOf(fixture)).toEqual([[bob.id, 'bob@x.example', true]]);
});

test('relink --as-new: the former person is a leaver, and the other one gets an account', async () => {
  await using fixture = await open();
  write(fixture, after);
  expectExitCode(await sync(fixture), 3);
  expectExitCode(await fixture.cli.run('relink', '--as-new'), 0);
  expectExitCode(await sync(fixture), 0);
  expect(accountsOf(fixture)).toEqual([
    [`${bob.id} (former)`, 'bob@x.example', false],
    [bob.id, 'zoe@x.example', true],
  ]);
  expect(namesOf(fixture, 'Human Resources')).toBe(1);
  expect(namesOf(fixture, 'Engineering')).toBe(29);
  drainLog(fixture.server);
  expectExitCode(await sync(fixture), 0);
  expect(writes(drainLog(fixture.server))).toEqual([]);
});

test('relink: it is the same person, until the key names a third one', async () => {
  await using fixture = await open();
  write(fixture, after);
  expectExitCode(await sync(fixture), 3);
  expectExitCode(await fixture.cli.run('relink'), 0);
  expectExitCode(await sync(fixture), 0);
  expect(accountsOf(fixture)).toEqual([[bob.id, 'zoe@x.example', true]]);
  expectExitCode(await sync(fixture), 0);
  write(fixture, before);
  const third = await sync(fixture);
  expectExitCode(third, 3);
  expect(keyChanges(third)).toEqual([[bob.id, bob.id, 'bob@x.example']]);
});

test('relink after another person took the key in the meantime asks again', async () => {
  await using fixture = await open();
  write(fixture, after);
  expectExitCode(await sync(fixture), 3);
  expectExitCode(await fixture.cli.run('relink'), 0);
  write(fixture, [ada, { ...joiner, login: 'carl', given: 'Carl', family: 'Unger' }, ...others]);
  const held = await sync(fixture);
  expectExitCode(held, 3);
  expect(keyChanges(held)).toEqual([[bob.id, bob.id, 'carl@x.example']]);
});

test.each([
  ['vanished', [ada, ...others]],
  ['inactive', [ada, { ...left, active: false }, ...others]],
])('the key of an earlier leaver (%s) that a joiner gets activates no account', async (_, leftRows) => {
  await using fixture = await open();
  write(fixture, leftRows);
  expectExitCode(await sync(fixture), 0);
  write(fixture, after);
  const held = await sync(fixture);
  expectExitCode(held, 3);
  expect(keyChanges(held)).toEqual([[bob.id, bob.id, 'zoe@x.example']]);
  expect(accountsOf(fixture)).toEqual([[bob.id, 'bob@x.example', false]]);
  writeFileSync(fixture.cli.path('pairs.csv'), `${bob.id},${bob.id}\n`);
  expectExitCode(await fixture.cli.run('relink', '--as-new', fixture.cli.path('pairs.csv')), 0);
  expectExitCode(await sync(fixture), 0);
  expect(accountsOf(fixture)).toEqual([
    [`${bob.id} (former)`, 'bob@x.example', false],
    [bob.id, 'zoe@x.example', true],
  ]);
  expectExitCode(await sync(fixture), 0);
});

test.each([
  ['a marriage', { ...left, family: 'Married', login: 'bob.married' }],
  ['another login alone', { ...left, login: 'other' }],
  ['a name that is anonymised when the person leaves', { ...joiner, active: false }],
])('%s needs no decision', async (_, row) => {
  await using fixture = await open();
  write(fixture, [ada, { ...row, group: 'eng' }, ...others]);
  const pass = await sync(fixture);
  expectExitCode(pass, 0);
  expect(keyChanges(pass)).toEqual([]);
});

test('a pair of equal keys is refused where the key names the same person', async () => {
  await using fixture = await open();
  writeFileSync(fixture.cli.path('pairs.csv'), `${bob.id},${bob.id}\n`);
  for (const args of [[], ['--as-new']]) {
    const refused = await fixture.cli.run('relink', ...args, fixture.cli.path('pairs.csv'));
    expectExitCode(refused, 4);
    expect(refused.stderr).toContain('names no other person than before');
  }
});
