import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { expectedState } from '../../world/state.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

test('a backup beside a running daemon is private, complete, and replaces nothing unasked', async () => {
  await using fixture = await createFixture();
  const { cli, server } = fixture;
  cli.configure({ ...configuration([target(server.url)], groupFiles), schedule: '* * * * * *' });
  cli.export(createCompany(181, 40, 3));
  expectExitCode(await cli.run('backup', 'none.db'), 1);
  const daemon = cli.start('daemon');
  await waitUntil('some users', () => server.users.size > 5);
  expectExitCode(await cli.run('backup', 'copy.db'), 0);
  expect(statSync(cli.path('copy.db')).mode & 0o777).toBe(0o600);
  const before = readFileSync(cli.path('copy.db'));
  const again = await cli.run('backup', 'copy.db');
  expectExitCode(again, 4);
  expect(again.stderr).toContain('state.backupExists');
  expect(readFileSync(cli.path('copy.db')).equals(before)).toBe(true);
  const nowhere = await cli.run('backup', 'nowhere/copy.db');
  expectExitCode(nowhere, 4);
  expect(nowhere.stderr).toMatch(
    /the folder \S+nowhere does not exist or is not writable.*commandLine\.folderNotWritable/,
  );
  expectExitCode(await cli.run('backup', 'copy.db', '--force'), 0);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(readdirSync(cli.folder).filter((name) => name.includes('partial'))).toEqual([]);
});

test('an older state: no duplicate, no account of a leaver comes back, and the replaced state is kept', async () => {
  await using fixture = await createFixture({ server: { uniqueUserNames: false } });
  const { cli, server } = fixture;
  cli.configure(configuration([target(server.url, { guard: unlimitedGuard })]));
  const company = createCompany(182, 30, 3);
  expectExitCode(await fixture.pass(company), 0);
  expectExitCode(await cli.run('backup', 'copy.db'), 0);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('there is no such person');
  leave(company, leaver.id);
  hire(company);
  hire(company);
  expectExitCode(await fixture.pass(company), 0);
  expect(server.users.size).toBe(32);

  const restored = await cli.run('restore', 'copy.db');
  expectExitCode(restored, 0);
  expect(restored.stdout).toMatch(/Restored .*: the state after the pass of 20/);
  expect(readdirSync(cli.folder).filter((name) => name.startsWith('scimsync.db.replaced-'))).toHaveLength(1);
  expectExitCode(await fixture.pass(company), 0);
  expect(server.users.size).toBe(32);
  expect(fixture.state()).toEqual(expectedState(company));
});

test('what is no backup is refused, and so is a restore while a pass runs', async () => {
  await using fixture = await createFixture({ server: { latencyMs: 100 } });
  const { cli, server } = fixture;
  cli.export(createCompany(183, 40));
  const running = cli.start('sync');
  await waitUntil('a request', () => server.log.length > 3);
  expectExitCode(await cli.run('backup', 'copy.db'), 0);
  const locked = await cli.run('restore', 'copy.db');
  expectExitCode(locked, 1);
  expect(locked.stderr).toContain('"scimsync sync"');
  running.child.kill('SIGTERM');
  await running.exited;
  writeFileSync(cli.path('text'), 'no database, but a text');
  for (const [file, reason] of [
    ['text', 'it is not a state file of scimsync'],
    ['nothing', 'it does not exist'],
    ['.', 'it is a directory'],
  ] as const) {
    const refused = await cli.run('restore', file);
    expectExitCode(refused, 4);
    expect(refused.stderr).toContain(`is no backup of a state: ${reason}`);
  }
  expectExitCode(await cli.run('sync'), 0);
  expect(server.users.size).toBe(40);
});
