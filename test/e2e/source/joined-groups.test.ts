import { rmSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import { createJoinedWorld, type JoinedWorld } from './joined-world.ts';

jest.setTimeout(120_000);

const groupsInColumn = {
  users: { file: 'ad.csv', key: 'guid' },
  groups: { column: 'phones', separator: ';' },
};

const sync = (world: JoinedWorld, ...options: readonly string[]) => world.cli.run('sync', ...options);

test('groups of a joined source are sent with the users that its records belong to', async () => {
  await using world = await createJoinedWorld();
  world.configure({ ad: groupsInColumn });
  world.hr('1,ada,CTO,employed', '2,bob,Clerk,employed', '3,cy,Clerk,employed');
  world.ad('g1,1,ada@example.com,crm;admins', 'g2,2,bob@example.com,crm', 'g9,99,robot@example.com,crm');
  const first = await sync(world);
  expectExitCode(first, 0);
  expect(await world.groups()).toEqual(['admins: ada', 'crm: ada bob']);
  expect(first.stdout + first.stderr).toMatch(/source ad: 1 member of a group is left out/);
  expect((await sync(world)).stdout).toMatch(/0 requests|[Nn]othing|no changes/);

  // One membership moves; the next pass changes just that.
  world.ad('g1,1,ada@example.com,admins', 'g2,2,bob@example.com,crm', 'g9,99,robot@example.com,crm');
  expectExitCode(await sync(world), 0);
  expect(await world.groups()).toEqual(['admins: ada', 'crm: bob']);

  // The value of the join moves from bob to cy: so do the memberships.
  world.ad('g1,1,ada@example.com,admins', 'g2,3,bob@example.com,crm', 'g9,99,robot@example.com,crm');
  expectExitCode(await sync(world), 0);
  expect(await world.groups()).toEqual(['admins: ada', 'crm: cy']);

  // A user is found by a value of the joined record, in any case, and by its key.
  for (const text of ['BOB@example.com', 'g2']) {
    const found = await world.cli.run('explain', text);
    expectExitCode(found, 0);
    expect(found.stdout).toContain('source ad: record g2');
    expect(found.stdout).toContain('ad:crm');
  }

  rmSync(world.cli.path('ad.csv'));
  expectExitCode(await sync(world), 1);
  expect((await world.cli.run('status')).stdout).toMatch(/Last pass: .* failed: source ad: not accepted since/);
  expect(await world.groups()).toEqual(['admins: ada', 'crm: cy']);
});

test('rules of users see the groups of both sources by name and by key', async () => {
  await using world = await createJoinedWorld();
  writeFileSync(world.cli.path('teams.csv'), 'id,name\ncrm,crm\n');
  writeFileSync(world.cli.path('members.csv'), 'group,member\ncrm,2\n');
  world.configure({
    hr: {
      groups: { file: 'teams.csv', key: 'id' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
    },
    ad: groupsInColumn,
    target: {
      scope: { users: "'crm' in groups", groups: "has(group.source) && group.source == 'ad'" },
      mapping: { user: { userName: 'hr.name', title: "'ad:crm' in groupKeys ? 'by ad' : 'by hr'" } },
    },
  });
  world.hr('1,ada,CTO,employed', '2,bob,Clerk,employed', '3,cy,Clerk,employed');
  world.ad('g1,1,ada@example.com,crm', 'g3,3,cy@example.com,other');
  expectExitCode(await sync(world), 0);
  expect((await world.accounts()).map(({ userName, title }) => [userName, title])).toEqual([
    ['ada', 'by ad'],
    ['bob', 'by hr'],
  ]);
  // Groups of both sources have the name, and this target gets those of the directory.
  expect(await world.groups()).toEqual(['crm: ada', 'other:']);
});

test('an empty reading of a joined source is refused until it is accepted', async () => {
  await using world = await createJoinedWorld();
  world.configure({ ad: groupsInColumn });
  world.hr('1,ada,CTO,employed', '2,bob,Clerk,employed');
  world.ad('g1,1,ada@example.com,crm', 'g2,2,bob@example.com,crm');
  expectExitCode(await sync(world), 0);
  world.ad();
  const refused = await sync(world, '--json');
  expectExitCode(refused, 1);
  expect(refused.lines.find(({ type }) => type === 'joinedSource')).toMatchObject({
    accepted: false,
    code: 'source.empty',
    message: expect.stringContaining('--accept-source'),
  });
  expect(await world.groups()).toEqual(['crm: ada bob']);
  expectExitCode(await sync(world, '--accept-source', '--reason', 'the directory moves'), 0);
  expect(await world.groups()).toEqual(['crm:']);
  expect(await world.mails()).toEqual(['ada active', 'bob active']);
  // What is accepted once stays accepted.
  expectExitCode(await sync(world), 0);
});

test('a nested group of a joined source stays nested, and its members follow', async () => {
  await using world = await createJoinedWorld();
  writeFileSync(world.cli.path('teams.csv'), 'id,label\nt1,Sales\nt2,Sales leads\n');
  const members = (...rows: readonly string[]): void =>
    writeFileSync(world.cli.path('members.csv'), ['group,member', ...rows, ''].join('\n'));
  world.configure({
    ad: {
      users: { file: 'ad.csv', key: 'guid' },
      groups: { file: 'teams.csv', key: 'id', name: 'label' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
    },
    target: {
      scope: { groups: "group.name == 'Sales'", onlyMembers: true },
      mapping: { user: { userName: 'hr.name' }, group: { displayName: 'group.name' } },
    },
  });
  world.hr('1,ada,CTO,employed', '2,bob,Clerk,employed', '3,cy,Clerk,employed');
  world.ad('g1,1,,', 'g2,2,,', 'g3,3,,');
  members('t1,t2', 't2,g1', 't1,g2');
  expectExitCode(await sync(world), 0);
  expect((await world.accounts()).map(({ userName }) => userName)).toEqual(['ada', 'bob']);
  expect(await world.groups()).toEqual(['Sales: bob']);
  members('t1,t2', 't2,g3', 't1,g2');
  expectExitCode(await sync(world), 0);
  expect((await world.accounts()).map(({ userName, active }) => `${userName} ${active}`)).toEqual([
    'ada false',
    'bob true',
    'cy true',
  ]);
});

test('a group of the primary source with a key of a joined source is rejected', async () => {
  await using world = await createJoinedWorld();
  writeFileSync(world.cli.path('teams.csv'), 'id,name\nad:crm,Intruders\n');
  writeFileSync(world.cli.path('members.csv'), 'group,member\nad:crm,2\n');
  world.configure({
    hr: {
      groups: { file: 'teams.csv', key: 'id' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
    },
    ad: groupsInColumn,
  });
  world.hr('1,ada,CTO,employed', '2,bob,Clerk,employed');
  world.ad('g1,1,,crm', 'g2,2,,');
  const run = await sync(world);
  expectExitCode(run, 1);
  expect(run.stdout).toMatch(/key that begins with "ad:"/);
  expect(await world.groups()).toEqual(['crm: ada']);
});
