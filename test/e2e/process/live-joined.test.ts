import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { createJoinedWorld, type JoinedWorld } from '../source/joined-world.ts';

jest.setTimeout(60_000);

const farAway = '0 0 29 2 *';

/** Waits until the accounts are these. */
async function accountsBecome(world: JoinedWorld, what: string, accounts: readonly string[]): Promise<void> {
  let current: readonly string[] = [];
  await waitUntil(what, () => {
    void world.mails().then((mails) => {
      current = mails;
    });
    return JSON.stringify(current) === JSON.stringify(accounts);
  });
}

test('a change of a live joined source starts a pass, and the daemon needs no schedule', async () => {
  await using world = await createJoinedWorld();
  world.configure({ hr: { settleSeconds: 0 }, ad: { changes: 'live' } });
  world.hr('1,ada,,employed', '2,bob,,employed');
  world.ad('g1,1,ada@example.com,');
  const daemon = world.cli.start('daemon');
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await accountsBecome(world, 'the first load', ['ada active ada@example.com', 'bob active']);

  world.ad('g1,1,lovelace@example.com,', 'g2,2,bob@example.com,');
  await accountsBecome(world, 'the addresses', ['ada active lovelace@example.com', 'bob active bob@example.com']);

  // An export without users is not accepted, and changes nothing; the next complete one is.
  world.ad();
  await waitUntil('the refusal', () => daemon.output().stderr.includes('source.empty'));
  world.ad('g1,1,ada@example.com,', 'g2,2,bob@example.com,');
  await accountsBecome(world, 'the recovery', ['ada active ada@example.com', 'bob active bob@example.com']);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('a joined source with a schedule is read at its ticks, and its last reading is used between them', async () => {
  await using world = await createJoinedWorld();
  world.configure({
    hr: { changes: 'live', primary: true },
    ad: { settleSeconds: 0, schedule: farAway },
  });
  world.hr('1,ada,,employed', '2,bob,,employed');
  world.ad('g1,1,ada@example.com,', 'g3,3,cyd@example.com,');
  const daemon = world.cli.start('daemon');
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await accountsBecome(world, 'the first load', ['ada active ada@example.com', 'bob active']);

  // Cyd has a record in the last reading. Dan has none, which only the next reading of the directory can prove.
  world.ad('g1,1,lovelace@example.com,', 'g3,3,cyd@example.com,', 'g4,4,dan@example.com,');
  world.hr('1,ada,,employed', '3,cyd,,employed', '4,dan,,employed');
  await accountsBecome(world, 'the passes of HR', [
    'ada active ada@example.com',
    'bob inactive',
    'cyd active cyd@example.com',
  ]);

  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(daemon.output().stderr).toContain('notDue');
  // A command reads all sources.
  expectExitCode(await world.cli.run('sync'), 0);
  expect(await world.mails()).toEqual([
    'ada active lovelace@example.com',
    'bob inactive',
    'cyd active cyd@example.com',
    'dan active dan@example.com',
  ]);
});

test('a primary source with a schedule is not read when the joined source changes', async () => {
  await using world = await createJoinedWorld();
  world.configure({ hr: { settleSeconds: 0, schedule: farAway }, ad: { changes: 'live' } });
  world.hr('1,ada,,employed', '2,bob,,employed');
  world.ad('g1,1,ada@example.com,');
  const daemon = world.cli.start('daemon');
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await accountsBecome(world, 'the first load', ['ada active ada@example.com', 'bob active']);

  // Half of an export, which a pass would refuse.
  writeFileSync(world.cli.path('hr.csv'), 'id,na');
  world.ad('g1,1,lovelace@example.com,', 'g2,2,bob@example.com,');
  await accountsBecome(world, 'the addresses', ['ada active lovelace@example.com', 'bob active bob@example.com']);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(daemon.output().stderr).not.toContain('csv.');
});

test('a source is read at the ticks of its own schedule', async () => {
  await using world = await createJoinedWorld();
  world.configure({
    hr: { settleSeconds: 0, schedule: farAway },
    ad: { settleSeconds: 0, schedule: '* * * * * *' },
  });
  world.hr('1,ada,,employed');
  world.ad('g1,1,ada@example.com,');
  const daemon = world.cli.start('daemon');
  await accountsBecome(world, 'the first load', ['ada active ada@example.com']);
  world.ad('g1,1,lovelace@example.com,');
  await accountsBecome(world, 'the address', ['ada active lovelace@example.com']);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});
