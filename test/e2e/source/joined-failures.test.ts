import { appendFileSync, unlinkSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import type { CliResult } from '../../world/cli-workspace.ts';
import { createJoinedWorld } from './joined-world.ts';

jest.setTimeout(90_000);

const joinedLine = ({ lines }: CliResult) => lines.find(({ type }) => type === 'joinedSource');

test('a reading of a joined source that is not accepted changes nothing that depends on it', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({ ad: { sanity: { maxShrink: '30%', maxBlank: '20%' } } });
  const people = ['1', '2', '3', '4', '5', '6', '7', '8'];
  world.hr(...people.map((id) => `${id},u${id},T,employed`));
  const records = people.map((id) => `g${id},${id},u${id}@example.com,`);
  world.ad(...records, 'g9,9,u9@example.com,');
  expectExitCode(await cli.run('sync'), 0);
  const before = await world.mails();

  // The file is gone. A mover, a leaver, a new person whom the last reading has, and one whom it does not have.
  unlinkSync(cli.path('ad.csv'));
  world.hr(
    '1,u1,New,employed',
    ...people.slice(2).map((id) => `${id},u${id},T,employed`),
    '9,u9,T,employed',
    '10,u10,T,employed',
  );
  const planned = await cli.run('plan', '--json');
  expectExitCode(planned, 1);
  expect(joinedLine(planned)).toMatchObject({ source: 'ad', accepted: false, code: 'csv.fileMissing' });
  const failed = await cli.run('sync', '--json');
  expectExitCode(failed, 1);
  expect(joinedLine(failed)).toMatchObject({ accepted: false, users: { ambiguous: 0 } });
  expect(joinedLine(failed)?.['message']).toContain(' sources.ad.users.file,');
  expect(await world.mails()).toEqual([
    ...before.map((line) => (line.startsWith('u2 ') ? line.replace('active', 'inactive') : line)),
    'u9 active u9@example.com',
  ]);
  expect((await world.accounts())[0]?.title).toBe('New');
  const status = await cli.run('status', '--json');
  expect(joinedLine(status)).toMatchObject({ accepted: false, since: joinedLine(failed)?.['since'] });
  expect((await cli.run('status')).stdout).toContain('source ad: not accepted since');

  // Most records are missing: the reading is implausible, and the last one stays valid.
  world.ad('g1,1,other@example.com,', 'g10,10,u10@example.com,');
  const refused = await cli.run('sync', '--json');
  expectExitCode(refused, 1);
  expect(joinedLine(refused)).toMatchObject({ accepted: false, code: 'source.shrunk' });
  expect(joinedLine(refused)?.['since']).toBe(joinedLine(failed)?.['since']);
  expect((await world.mails())[0]).toBe('u1 active u1@example.com');

  // An operator accepts it: now absence is proven.
  expectExitCode(await cli.run('sync', '--accept-source'), 0);
  expect((await world.mails()).filter((line) => line.includes('@'))).toEqual([
    'u1 active other@example.com',
    'u10 active u10@example.com',
    'u2 inactive u2@example.com',
  ]);
  expect(joinedLine(await cli.run('status', '--json'))).toMatchObject({ accepted: true, since: null });
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('a reading by which many users would lose their record is refused until it is accepted', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({ ad: { sanity: { maxShrink: '30%' } }, target: { scope: { users: 'has(ad.mail)' } } });
  const people = ['1', '2', '3', '4', '5', '6', '7', '8'];
  const employed = (id: string): string => `${id},u${id},T,employed`;
  world.hr(...people.map(employed));
  const records = (prefix: string): readonly string[] =>
    people.map((id) => `g${id},${prefix}${id},u${id}@example.com,`);
  world.ad(...records(''));
  expectExitCode(await cli.run('sync'), 0);
  const before = await world.mails();

  // As many records as before, and all attributes have values: only the numbers have another form.
  world.ad(...records('E-'));
  world.hr(...people.slice(1).map(employed), employed('9'));
  const refused = await cli.run('sync', '--json');
  expectExitCode(refused, 1);
  expect(joinedLine(refused)).toMatchObject({ accepted: false, code: 'source.joinsLost' });
  const withoutLeaver = before.map((line) => (line.startsWith('u1 ') ? line.replace('active', 'inactive') : line));
  expect(await world.mails()).toEqual(withoutLeaver);
  expectExitCode(await cli.run('sync'), 1);
  expect(await world.mails()).toEqual(withoutLeaver);

  // The other side of the join: the numbers of the primary source have another form.
  world.ad(...records(''));
  expectExitCode(await cli.run('sync'), 0);
  world.configure({
    ad: { sanity: { maxShrink: '30%' }, join: { on: 'ad.employeeID', equals: 'hr.title' } },
    target: { scope: { users: 'has(ad.mail)' } },
  });
  world.hr(...people.slice(1).map((id) => `${id},u${id},${id},employed`));
  expectExitCode(await cli.run('sync'), 0);
  world.hr(...people.slice(1).map((id) => `${id},u${id},N${id},employed`));
  expect(joinedLine(await cli.run('sync', '--json'))).toMatchObject({ accepted: false, code: 'source.joinsLost' });
  expect(await world.mails()).toEqual(withoutLeaver);

  expectExitCode(await cli.run('sync', '--accept-source', '--reason', 'new numbers'), 0);
  expect((await world.mails()).filter((line) => line.includes(' active '))).toEqual([]);
});

test('a joined source that was never read gives no account, and an attribute that it lacks changes none', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure();
  world.hr('1,ada,Countess,employed', '2,bob,Builder,employed');
  expectExitCode(await cli.run('sync'), 1);
  expect(await world.mails()).toEqual([]);
  world.ad('g1,1,ada@example.com,12', 'g2,2,bob@example.com,34');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual(['ada active ada@example.com', 'bob active bob@example.com']);

  // The scope reads an attribute that the last accepted reading did not keep, while no reading is possible.
  unlinkSync(cli.path('ad.csv'));
  world.configure({ target: { scope: { users: 'has(ad.phones)' } } });
  world.hr('1,ada,Duchess,employed', '3,cyd,Dancer,employed');
  expectExitCode(await cli.run('sync'), 1);
  expect(await world.mails()).toEqual(['ada active ada@example.com', 'bob inactive bob@example.com']);
  world.ad('g1,1,ada@example.com,12', 'g3,3,cyd@example.com,56');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual([
    'ada active ada@example.com',
    'bob inactive bob@example.com',
    'cyd active cyd@example.com',
  ]);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('a user without a required record is not created, and an account stays as it is', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({ ad: { required: true } });
  world.hr('1,ada,Countess,employed', '2,bob,Builder,employed', '3,cyd,Dancer,employed');
  world.ad('g1,1,ada@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await cli.run('sync'), 1);
  expect(await world.mails()).toEqual(['ada active ada@example.com', 'bob active bob@example.com']);

  // Both records leave the joined source, and one person leaves the company.
  world.ad('g3,3,cyd@example.com,');
  world.hr('1,ada,Duchess,employed', '2,bob,Builder,left', '3,cyd,Dancer,employed');
  expectExitCode(await cli.run('sync'), 1);
  expect(await world.mails()).toEqual([
    'ada active ada@example.com',
    'bob inactive bob@example.com',
    'cyd active cyd@example.com',
  ]);
  expect((await world.accounts())[0]?.title).toBe('Countess');
  world.ad('g3,3,cyd@example.com,', 'g1,1,lovelace@example.com,');
  expectExitCode(await cli.run('sync'), 0);
  const [ada] = await world.accounts();
  expect([ada?.title, ada?.emails?.[0]?.value]).toEqual(['Duchess', 'lovelace@example.com']);
});

test('values that repeat join no record, and are named', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure();
  world.hr('1,ada,Countess,employed', '2,bob,Builder,employed');
  world.ad('g1,1,ada@example.com,', 'g2,2,bob@example.com,');
  expectExitCode(await cli.run('sync'), 0);

  world.ad(
    'g1,1,ada@example.com,',
    'g2,2,bob@example.com,',
    'g3,02,wrong@example.com,',
    'g4,4,a@example.com,',
    'g5,4,b@example.com,',
  );
  world.hr('1,ada,Countess,employed', '2,bob,Master,employed', '4,dan,Driver,employed');
  const ambiguous = await cli.run('sync', '--json');
  expect(joinedLine(ambiguous)).toMatchObject({
    users: { joined: 1, missing: 0, ambiguous: 2 },
    ambiguous: [
      { value: '2', users: ['2'], records: ['g2', 'g3'] },
      { value: '4', users: ['4'], records: ['g4', 'g5'] },
    ],
  });
  // The account keeps its address, and the rest of it changes.
  expect(await world.mails()).toEqual(['ada active ada@example.com', 'bob active bob@example.com', 'dan active']);
  expect((await world.accounts())[1]?.title).toBe('Master');
  expect((await cli.run('explain', '2')).stdout).toContain('several users or several records have the value "2"');

  world.ad('g1,1,ada@example.com,', 'g3,02,builder@example.com,', 'g4,4,dan@example.com,');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual([
    'ada active ada@example.com',
    'bob active builder@example.com',
    'dan active dan@example.com',
  ]);

  // Two users of the primary source have one value.
  appendFileSync(cli.path('hr.csv'), '004,eve,Clerk,employed\n');
  await cli.run('sync');
  expect((await world.mails()).slice(2)).toEqual(['dan active dan@example.com', 'eve active']);
  expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
});

test('messages name settings as the configuration of several sources has them', async () => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure();
  world.ad('g1,1,u1@example.com,');
  for (const command of ['check', 'plan', 'sync']) {
    const { code, stdout, stderr } = await cli.run(command);
    expect([command, code]).toEqual([command, 1]);
    expect(stdout + stderr).toContain(' sources.hr.users.file,');
  }
  world.hr('1,u1,T,employed');
  world.configure({ ad: { users: { file: 'ad.csv', key: 'objectGUID' } } });
  for (const command of ['check', 'plan', 'sync']) {
    const { code, stdout, stderr } = await cli.run(command);
    expect([command, code]).toEqual([command, 1]);
    expect(stdout + stderr).toContain(' sources.ad.users.key ');
  }
});
