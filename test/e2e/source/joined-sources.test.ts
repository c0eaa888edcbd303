import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import { createJoinedWorld } from './joined-world.ts';

jest.setTimeout(60_000);

test('a joined source adds attributes, and a change of it reaches only the people concerned', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure();
  world.hr('00001,ada,Countess,employed', '2,bob,Builder,employed', '3,cyd,Dancer,employed');
  world.ad('g1,1,ada@example.com,', 'g2,02,bob@example.com,', 'g9,9,other@example.com,');
  expectExitCode(await cli.run('check'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual(['ada active ada@example.com', 'bob active bob@example.com', 'cyd active']);
  // Nothing changed.
  expectExitCode(await cli.run('plan', '--exit-code'), 0);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);

  const { stdout: explained } = await cli.run('explain', '00001');
  expect(explained).toContain('source ad: record g1, joined by "1"');
  expect(explained).toContain('ad.mail: ada@example.com');

  // Only the joined source changes: one address, one new record, one record that leaves.
  world.ad('g1,1,lovelace@example.com,', 'g3,3,cyd@example.com,', 'g9,9,other@example.com,');
  const { lines } = await cli.run('plan', '--json');
  const changed = lines.filter(({ type }) => type === 'operation');
  expect(changed.map(({ action, name }) => `${String(action)} ${String(name)}`).sort()).toEqual([
    'update ada',
    'update bob',
    'update cyd',
  ]);
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual(['ada active lovelace@example.com', 'bob active', 'cyd active cyd@example.com']);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);

  // Only the primary source changes: cyd gets another number, and ada leaves.
  world.hr('2,bob,Builder,employed', '3,cyd,Dancer,employed', '9,eve,Owner,employed');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual([
    'ada inactive lovelace@example.com',
    'bob active',
    'cyd active cyd@example.com',
    'eve active other@example.com',
  ]);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('scope, all values and conditions read a joined source', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({
    target: {
      scope: { users: "ad.mail.endsWith('@example.com')" },
      mapping: {
        user: {
          userName: 'user.name',
          title: "has(ad.phones) ? hr.title + ' with a phone' : 'none'",
          nickName: "adValues.phones.join('/')",
        },
      },
    },
  });
  world.hr('1,ada,Countess,employed', '2,bob,Builder,employed', '3,cyd,Dancer,employed');
  world.ad('g1,1,ada@example.com,12;34', 'g2,2,bob@elsewhere.example,', 'g4,4,dan@example.com,');
  expectExitCode(await cli.run('sync'), 0);
  expect((await world.accounts()).map(({ userName, title, nickName }) => [userName, title, nickName])).toEqual([
    ['ada', 'Countess with a phone', '12/34'],
  ]);
});

test('a target that reads a joined source gets the groups of the primary source', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({ hr: { groups: { column: 'title' } }, ad: { required: true } });
  world.hr('1,ada,Countess,employed', '2,bob,Builder,employed', '3,cyd,Builder,employed');
  world.ad('g1,1,ada@example.com,', 'g2,2,bob@example.com,', 'g3,3,cyd@example.com,');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.groups()).toEqual(['Builder: bob cyd', 'Countess: ada']);

  // A group that appears while the source cannot be read does not depend on it.
  world.configure({ hr: { groups: { column: 'title' } }, ad: { users: { file: 'absent.csv', key: 'guid' } } });
  world.hr('1,ada,Writer,employed', '2,bob,Builder,employed', '3,cyd,Countess,employed');
  expectExitCode(await cli.run('sync'), 1);
  expect(await world.groups()).toEqual(['Builder: bob', 'Countess: cyd', 'Writer: ada']);
});

test('check reads joined sources, too', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure();
  world.hr('1,ada,Countess,employed', '2,bob,Builder,employed');
  world.ad('g1,1,ada@example.com,');
  const good = await cli.run('check');
  expectExitCode(good, 0);
  expect(good.stdout).toContain('source ad: read to its end: joined to 1 user, 1 without a record');
  world.configure({ ad: { users: { file: 'absent.csv', key: 'guid' } } });
  const bad = await cli.run('check', '--json');
  expectExitCode(bad, 1);
  expect(bad.lines.find(({ type }) => type === 'joinedSource')).toMatchObject({
    accepted: false,
    code: 'csv.fileMissing',
  });
});
