import { statSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { company, leave, withoutReports } from '../world/company.ts';
import { seeded, whole } from '../world/random.ts';
import { expectCode, taken, world, type World } from '../world/setup.ts';
import type { Running } from '../world/scimsync.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(90_000);

/** Resolves when the application has seen so many requests more, or when the process has ended. */
async function seen(at: World, running: Running, more: number): Promise<void> {
  const goal = at.server.log.length + more;
  const over = ({ child }: Running): boolean => child.exitCode !== null || child.signalCode !== null;
  while (!over(running) && at.server.log.length < goal) await new Promise((done) => setTimeout(done, 1));
}

describe('kill -9', () => {
  test.each([91, 92])(
    'at fifteen moments of a first load loses nothing and duplicates nothing (seed %i)',
    async (seed) => {
      await using at = await world({ server: { uniqueUserNames: false, uniqueDisplayNames: false, latencyMs: 4 } });
      const made = company(seed, 320, 6);
      const random = seeded(seed);
      at.desk.export(made);
      let killed = 0;
      for (let turn = 0; turn < 15; turn += 1) {
        const running = at.desk.start('sync');
        await seen(at, running, 1 + whole(random, 35));
        // A few milliseconds more, so that it is not always hit just as a request arrives.
        await new Promise((done) => setTimeout(done, whole(random, 8)));
        running.child.kill('SIGKILL');
        if ((await running.ended).signal === 'SIGKILL') killed += 1;
      }
      expect(killed).toBeGreaterThanOrEqual(10);
      expectCode(await at.desk.run('sync'), 0);
      expect(at.state()).toEqual(expectedState(made));
      taken(at.server);
      expectCode(await at.desk.run('sync'), 0);
      expect(taken(at.server)).toEqual([]);
    },
  );

  test('among leavers, movers and joiners', async () => {
    await using at = await world({
      server: { uniqueUserNames: false, latencyMs: 4 },
      target: { guard: { maxRemovals: '100%' } },
    });
    const made = company(93, 150, 4);
    expectCode(await at.pass(made), 0);
    const random = seeded(93);
    for (const { id } of withoutReports(made, 30)) leave(made, id);
    for (const person of [...made.people.values()].slice(0, 60)) person.title = 'Moved';
    for (const team of made.teams.values()) for (const id of [...team.members].slice(0, 5)) team.members.delete(id);
    at.desk.export(made);
    for (let turn = 0; turn < 6; turn += 1) {
      const running = at.desk.start('sync');
      await seen(at, running, 1 + whole(random, 25));
      running.child.kill('SIGKILL');
      await running.ended;
    }
    expectCode(await at.desk.run('sync'), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('before the first request, and in the middle of the reading', async () => {
    await using at = await world();
    const made = company(94, 2000);
    at.desk.export(made);
    const random = seeded(94);
    for (let turn = 0; turn < 5; turn += 1) {
      const running = at.desk.start('plan');
      await new Promise((done) => setTimeout(done, 100 + whole(random, 500)));
      running.child.kill('SIGKILL');
      await running.ended;
    }
    expectCode(await at.desk.run('plan'), 0);
    expect(taken(at.server)).toEqual([]);
  });
});

describe('one pass at a time', () => {
  test('a second one is told who holds the lock, and the state can still be looked at', async () => {
    // So slow that the first pass is under way however long the second takes to begin.
    await using at = await world({ server: { latencyMs: 5000 } });
    const made = company(95, 150);
    at.desk.export(made);
    const one = at.desk.start('sync');
    await seen(at, one, 5);
    const two = await at.desk.run('sync');
    expect(two.code).toBe(1);
    expect(two.stderr).toContain(String(one.child.pid));
    expectCode(await at.desk.run('status', '--json'), 0);
    at.server.options.latencyMs = 0;
    expectCode(await one.ended, 0);
    expect(at.state()).toEqual(expectedState(made));
    expectCode(await at.desk.run('sync'), 0);
  });

  test('SIGTERM finishes what is in flight, records it and ends with 0', async () => {
    await using at = await world({ server: { latencyMs: 30, uniqueUserNames: false } });
    const made = company(96, 200);
    at.desk.export(made);
    const running = at.desk.start('sync');
    await seen(at, running, 20);
    running.child.kill('SIGTERM');
    const run = await running.ended;
    expectCode(run, 0);
    const done = at.server.users.size;
    expect(done).toBeLessThan(200);
    taken(at.server);
    expectCode(await at.desk.run('sync'), 0);
    expect(taken(at.server).filter(({ method }) => method === 'POST')).toHaveLength(200 - done);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('the state is for its owner only', async () => {
    await using at = await world();
    expectCode(await at.pass(company(97, 3)), 0);
    expect((statSync(at.desk.path('scimsync.db')).mode & 0o777).toString(8)).toBe('600');
  });
});
