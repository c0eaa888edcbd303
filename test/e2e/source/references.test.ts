import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import type { CliResult } from '../../world/cli-workspace.ts';
import { configuration, createFixture, expectExitCode, target } from '../../world/fixture.ts';

jest.setTimeout(60_000);

type Fixture = Awaited<ReturnType<typeof createFixture>>;

const keys = Array.from({ length: 40 }, (_, index) => `A${100 + index}`);

async function open(users: object = {}, sanity: object = {}): Promise<Fixture> {
  const fixture = await createFixture();
  const mapping = {
    user: {
      userName: 'user.userName',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager': 'user.manager',
    },
    group: { displayName: 'group.displayName' },
  };
  const source = {
    users: { file: 'users.csv', key: 'id', ...users },
    groups: { file: 'groups.csv', key: 'id' },
    memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
    sanity,
  };
  fixture.cli.configure(configuration([target(fixture.server.url, { mapping })], source));
  return fixture;
}

interface Export {
  readonly users?: readonly string[];
  readonly managerOf?: (key: string) => string;
  readonly members?: readonly string[];
  readonly group?: string;
}

function write(
  { cli }: Fixture,
  { users = keys, managerOf = () => 'A100', members = keys.slice(0, 30), group = 'eng' }: Export = {},
): void {
  const rows = users.map((key) => `${key},${key.toLowerCase()}@x.example,${managerOf(key)},staff`);
  writeFileSync(cli.path('users.csv'), ['id,userName,manager,kind', ...rows, ''].join('\n'));
  writeFileSync(cli.path('groups.csv'), 'id,displayName\neng,Engineering\n');
  writeFileSync(
    cli.path('memberships.csv'),
    ['group,member', ...members.map((member) => `${group},${member}`), ''].join('\n'),
  );
}

interface Found {
  readonly code: string;
  readonly subject: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly reason: string;
}

const judgementsOf = ({ lines }: CliResult): readonly Found[] =>
  lines.filter(({ type }) => type === 'reading').flatMap(({ judgements }) => judgements as readonly Found[]);

const sync = ({ cli }: Fixture, ...args: string[]): Promise<CliResult> => cli.run('sync', '--json', ...args);

const lower = keys.slice(0, 30).map((key) => key.toLowerCase());

test.each<[string, Export, string, RegExp]>([
  ['members in another case', { members: lower }, 'members', /30 would match in another case/],
  ['e-mail addresses instead of keys', { members: lower.map((key) => `${key}@x.example`) }, 'members', /"userName"/],
  ['groups in another case', { group: 'ENG' }, 'groups', /30 would match in another case/],
])('%s refuse the reading, the first one too, until it is accepted', async (_, wrong, subject, hint) => {
  await using fixture = await open();
  write(fixture, wrong);
  const first = await sync(fixture);
  expectExitCode(first, 1);
  expect(judgementsOf(first)).toMatchObject([{ code: 'source.referencesBroken', subject }]);
  expect(judgementsOf(first)[0]?.reason).toMatch(hint);
  expect(fixture.server.users.size).toBe(0);

  write(fixture);
  expectExitCode(await sync(fixture), 0);
  write(fixture, wrong);
  expectExitCode(await sync(fixture), 1);
  expectExitCode(await fixture.cli.run('plan'), 1);

  await sync(fixture, '--accept-source');
  write(fixture, { ...wrong, users: [...keys, 'A999'] });
  const accepted = await sync(fixture);
  expect(judgementsOf(accepted)).toMatchObject([{ code: 'source.danglingReferences', subject }]);
  expect((await fixture.cli.run('status')).stdout).toContain('source.danglingReferences');
});

test('managers that are elsewhere are reported, and refuse a reading only if they were in it before', async () => {
  await using fixture = await open();
  const wrong = { managerOf: () => '00A100' };
  write(fixture, wrong);
  const first = await sync(fixture);
  expectExitCode(first, 0);
  expect(judgementsOf(first)).toMatchObject([{ code: 'source.danglingReferences', subject: 'managers' }]);
  expect(judgementsOf(first)[0]?.reason).toMatch(/40 would match without leading zeros/);
  write(fixture, { ...wrong, users: [...keys, ...keys.slice(0, 10).map((key) => `${key}-2`)] });
  const grown = await sync(fixture);
  expectExitCode(grown, 0);
  expect(judgementsOf(grown)).toMatchObject([{ numbers: { dangling: 50, references: 50 } }]);

  write(fixture);
  await sync(fixture, '--allow-removals', '10');
  write(fixture, wrong);
  const broken = await sync(fixture);
  expectExitCode(broken, 1);
  expect(judgementsOf(broken)).toMatchObject([{ code: 'source.referencesBroken', subject: 'managers' }]);
});

test('a few references to unknown people are shown, and a jump below the limit refuses the reading', async () => {
  await using fixture = await open();
  const members = keys.flatMap((key) => [key, `${key}-2`, `${key}-3`, `${key}-4`, `${key}-5`]);
  const users = [...new Set([...keys, ...members])];
  write(fixture, { users, members: [...members, 'X1', 'X2'] });
  const shown = await sync(fixture);
  expectExitCode(shown, 0);
  expect(judgementsOf(shown)).toMatchObject([
    { code: 'source.danglingReferences', subject: 'members', numbers: { dangling: 2, left: 0, references: 202 } },
  ]);
  expect((await fixture.cli.run('plan')).stdout).toContain('X1');
  const unknown = Array.from({ length: 15 }, (_, index) => `X${index}`);
  write(fixture, { users, members: [...members, ...unknown] });
  expectExitCode(await sync(fixture), 1);
});

test('references to leavers and to rows that where leaves out are no mistake', async () => {
  await using fixture = await open({ where: 'user.kind == "staff"' }, { maxShrink: '100%' });
  write(fixture);
  const { cli } = fixture;
  writeFileSync(
    cli.path('users.csv'),
    `id,userName,manager,kind\n${keys
      .map((key, index) => `${key},${key}@x.example,A100,${index < 20 ? 'staff' : 'contractor'}`)
      .join('\n')}\n`,
  );
  const first = await sync(fixture);
  expectExitCode(first, 0);
  expect(judgementsOf(first)).toEqual([]);
  write(fixture, { users: keys.slice(2) });
  const later = await sync(fixture);
  expect(judgementsOf(later)).toMatchObject([
    { code: 'source.danglingReferences', subject: 'members', numbers: { dangling: 0, left: 2 } },
    { code: 'source.danglingReferences', subject: 'managers', numbers: { dangling: 0, left: 38 } },
  ]);
});

test('maxDangling can be a count', async () => {
  await using fixture = await open({}, { maxDangling: 0 });
  write(fixture, { members: [...keys, 'X1'] });
  expectExitCode(await sync(fixture), 1);
  write(fixture, { members: keys });
  expectExitCode(await sync(fixture), 0);
});

test('check counts references that point nowhere, before the first pass and later', async () => {
  await using fixture = await open();
  write(fixture, { members: lower });
  const first = await fixture.cli.run('check');
  expectExitCode(first, 1);
  expect(first.stdout).toMatch(/30 of 30 members named in memberships .*\(code: source\.referencesBroken\)/);
  write(fixture, { members: [...keys.slice(0, 29), 'absent1'] });
  const small = await fixture.cli.run('check');
  expectExitCode(small, 0);
  expect(small.stdout).toMatch(/1 of 30 members .*"absent1" \(code: source\.danglingReferences\)/);
  // Before a first load the floors are as configured, and later those that apply to what the target holds.
  expect(small.stdout).toContain('maxGroupRenames 10 % above 10');
  expectExitCode(await sync(fixture), 0);
  const later = await fixture.cli.run('check');
  expectExitCode(later, 0);
  expect(later.stdout).toContain('"absent1"');
  expect(later.stdout).toContain('maxGroupRenames 10 % above 2:');
  expect(later.stdout).not.toContain('maxGroupRenames 10 % above 10');
  write(fixture, { members: lower });
  const broken = await fixture.cli.run('check');
  expectExitCode(broken, 1);
  expect(broken.stdout).toMatch(/30 of 30 members named in memberships .*\(code: source\.referencesBroken\)/);
  expectExitCode(await sync(fixture), 1);
});
