import { describe, expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../world/fixture.ts';
import { createSandboxWorld } from '../world/sandbox-world.ts';

jest.setTimeout(60_000);

const company = {
  header: 'id,first,last,team',
  mapping: {
    userName: "user.first.lowerAscii() + '.' + user.last.lowerAscii()",
    nickName: "user.team + '/' + user.id",
    'emails[type eq "work"].value': "user.last + '@mail.example'",
  },
};

describe('a user is found by', () => {
  test('values of the mapping, also without an account, and former values', async () => {
    await using world = await createSandboxWorld(company);
    const { cli } = world;
    world.configure({}, { scope: { users: "user.team != 'out'" }, leavers: { action: 'delete' } });
    world.people('1,Ada,Lovelace,red', '3,Bob,Ross,red');
    expect((await cli.run('explain', ' ADA.lovelace ')).stdout).toContain('Person 1');
    expectExitCode(await cli.run('sync'), 0);
    world.people('1,Ada,Lovelace,red', '2,Zoe,MÜLLER,out', '4,Dan,Brown,blue', '5,Dan,Brown,blue');
    for (const [text, key] of [
      ['zoe.müller', '2'],
      ['müller', '2'],
      ['müller@MAIL.example', '2'],
      ['ross@mail.example', '3'],
      ['blue/4', '4'],
    ])
      expect((await cli.run('explain', text ?? '')).stdout).toContain(`Person ${key}`);
    expectExitCode(await cli.run('sync', '--user', 'bob.ross'), 0);
    const history = await cli.run('history', '--user', 'Ross@mail.example', '--json');
    expect(history.lines.map(({ key, action }) => [key, action])).toEqual([
      ['3', 'create'],
      ['3', 'delete'],
    ]);
    const ambiguous = await cli.run('sync', '--user', 'dan.brown');
    expectExitCode(ambiguous, 1);
    expect(ambiguous.stderr).toMatch(/means 2 users.*4, 5.*commandLine\.subjectAmbiguous/);
  });

  test.each(['explain', 'history', 'sync', 'plan', 'freeze'])(
    'nothing: %s has exit code 1 and states the places that were searched',
    async (command) => {
      await using world = await createSandboxWorld(company);
      world.configure();
      world.people('1,Ada,Lovelace,red');
      expectExitCode(await world.cli.run('sync'), 0);
      const args: Readonly<Record<string, readonly string[]>> = {
        explain: ['nemo'],
        freeze: ['nemo', '--reason', 'x'],
      };
      const result = await world.cli.run(command, ...(args[command] ?? ['--user', 'nemo']));
      expectExitCode(result, 1);
      expect(result.stderr).toMatch(/"nemo".*key.*DN.*last read.*at app.*history/);
    },
  );
});

test('a pass for one user states why it sends nothing to a target', async () => {
  await using world = await createSandboxWorld(company);
  const { cli } = world;
  world.configure({}, { scope: { users: "user.team != 'out'" } });
  world.people('1,Ada,Lovelace,red');
  expectExitCode(await cli.run('sync'), 0);
  world.people('1,Ada,Lovelace,red', '2,Zoe,Smith,out');
  for (const command of ['plan', 'sync'])
    for (const [key, inScope, reason] of [
      ['1', true, /^nothing; the target acknowledged/],
      ['2', false, /^nothing; .*no access to remove/],
    ] as const) {
      const result = await cli.run(command, '--user', key, '--json');
      expectExitCode(result, 0);
      expect(result.lines.filter(({ type }) => type === 'subject')).toEqual([
        {
          type: 'subject',
          target: 'app',
          resource: 'User',
          key,
          name: expect.any(String),
          inScope,
          reason: expect.stringMatching(reason),
        },
      ]);
      expect((await cli.run(command, '--user', key)).stdout).toMatch(/app: user .*: nothing; /);
    }
  world.people('1,Ada,King,red', '2,Zoe,Smith,out');
  for (const command of ['plan', 'sync']) {
    const { lines } = await cli.run(command, '--user', '1', '--json');
    expect(lines.filter(({ type }) => type === 'subject')).toEqual([]);
    expect(lines.filter(({ type }) => type === 'operation')).not.toEqual([]);
  }
  const { lines } = await cli.run('sync', '--json');
  expect(lines.filter(({ type }) => type === 'subject')).toEqual([]);
});
