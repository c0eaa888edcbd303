import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import { createJoinedWorld, type JoinedWorld } from './joined-world.ts';

jest.setTimeout(60_000);

/** An application for users with an address at the company, whose names show that they are the same person. */
const target = {
  scope: { users: "ad.mail.endsWith('@example.com')" },
  mapping: {
    user: {
      userName: 'hr.name',
      'name.givenName': 'hr.name',
      'name.familyName': 'hr.title',
      'emails[type eq "work"].value': 'ad.mail',
    },
  },
};

async function createCompany(): Promise<JoinedWorld> {
  const world = await createJoinedWorld();
  world.configure({ target });
  world.hr('1,ada,Lovelace,employed', '2,bob,Builder,employed');
  world.ad('g1,1,ada@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

const before = ['ada active ada@example.com', 'bob active bob@example.com'];

test('a joined record that follows a new key ends no access while the key change waits', async () => {
  await using world = await createCompany();
  const { cli } = world;
  world.hr('X1,ada,Lovelace,employed', '2,bob,Builder,employed');
  world.ad('g1,X1,lovelace@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await cli.run('sync'), 3);
  expect(await world.mails()).toEqual(before);
  const { stdout } = await cli.run('explain', '1');
  expect(stdout).toContain('so the record in the source ad is in doubt');

  expectExitCode(await cli.run('relink'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual(['ada active lovelace@example.com', 'bob active bob@example.com']);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('an account gets nothing from the joined record of another person who has the former key', async () => {
  await using world = await createCompany();
  const { cli } = world;
  world.hr('X1,ada,Lovelace,employed', '1,eve,Walker,employed', '2,bob,Builder,employed');
  world.ad('g1,X1,ada@example.com,', 'g9,1,eve@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await cli.run('sync'), 3);
  expect(await world.mails()).toEqual(before);

  expectExitCode(await cli.run('relink'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual([...before, 'eve active eve@example.com']);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('a key that returns before an operator decided is compared with the joined source again', async () => {
  await using world = await createCompany();
  const { cli } = world;
  world.hr('X1,ada,Lovelace,employed', '2,bob,Builder,employed');
  world.ad('g1,X1,ada@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await cli.run('sync'), 3);
  world.hr('1,ada,Lovelace,employed', '2,bob,Builder,employed');
  world.ad('g1,1,lovelace@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual(['ada active lovelace@example.com', 'bob active bob@example.com']);
});
