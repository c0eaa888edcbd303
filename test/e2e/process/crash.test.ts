import { existsSync, statSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { seededRandom, randomInt } from '../../world/random.ts';
import { configuration, createFixture, drainLog, expectExitCode, target, type Fixture } from '../../world/fixture.ts';
import type { CliProcess } from '../../world/cli-workspace.ts';
import { expectedState } from '../../world/state.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(90_000);

/** Resolves after `more` further requests to the application, or when the process has ended. */
async function waitForRequests(fixture: Fixture, cliProcess: CliProcess, more: number): Promise<void> {
  const requiredRequests = fixture.server.log.length + more;
  const hasExited = ({ child }: CliProcess): boolean => child.exitCode !== null || child.signalCode !== null;
  while (!hasExited(cliProcess) && fixture.server.log.length < requiredRequests)
    await new Promise((done) => setTimeout(done, 1));
}

describe('kill -9', () => {
  test.each([91, 92])(
    'at ten moments of a first load loses no user and creates no duplicate (seed %i)',
    async (seed) => {
      await using fixture = await createFixture({
        server: { uniqueUserNames: false, uniqueDisplayNames: false, latencyMs: 4 },
        inProcess: true,
      });
      const company = createCompany(seed, 320, 6);
      const random = seededRandom(seed);
      fixture.cli.export(company);
      let killCount = 0;
      for (let turn = 0; turn < 10; turn += 1) {
        const cliProcess = fixture.cli.start('sync');
        await waitForRequests(fixture, cliProcess, 1 + randomInt(random, 35));
        // A random delay, so that the kill does not always coincide with the arrival of a request.
        await new Promise((done) => setTimeout(done, randomInt(random, 8)));
        cliProcess.child.kill('SIGKILL');
        if ((await cliProcess.exited).signal === 'SIGKILL') killCount += 1;
      }
      expect(killCount).toBeGreaterThanOrEqual(6);
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(fixture.state()).toEqual(expectedState(company));
      drainLog(fixture.server);
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(drainLog(fixture.server)).toEqual([]);
    },
  );

  test('among leavers, movers and joiners', async () => {
    await using fixture = await createFixture({
      server: { uniqueUserNames: false, latencyMs: 4 },
      target: { guard: unlimitedGuard },
      inProcess: true,
    });
    const company = createCompany(93, 150, 4);
    expectExitCode(await fixture.pass(company), 0);
    const random = seededRandom(93);
    for (const { id } of peopleWithoutReports(company, 30)) leave(company, id);
    for (const person of [...company.people.values()].slice(0, 60)) person.title = 'Moved';
    for (const team of company.teams.values()) for (const id of [...team.members].slice(0, 5)) team.members.delete(id);
    fixture.cli.export(company);
    for (let turn = 0; turn < 6; turn += 1) {
      const cliProcess = fixture.cli.start('sync');
      await waitForRequests(fixture, cliProcess, 1 + randomInt(random, 25));
      cliProcess.child.kill('SIGKILL');
      await cliProcess.exited;
    }
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('in a first load: status shows the accounts that exist', async () => {
    await using fixture = await createFixture({ server: { latencyMs: 30 } });
    fixture.cli.export(createCompany(98, 200));
    const cliProcess = fixture.cli.start('sync');
    await waitForRequests(fixture, cliProcess, 80);
    cliProcess.child.kill('SIGKILL');
    await cliProcess.exited;
    const { stdout } = await fixture.cli.run('status');
    expect(stdout).toMatch(/^app: [1-9]\d* active people, 0 inactive, .*; no pass has ended there yet$/m);
  });

  test('before the first request, while the source is read', async () => {
    await using fixture = await createFixture();
    const company = createCompany(94, 2000);
    fixture.cli.export(company);
    const random = seededRandom(94);
    for (let turn = 0; turn < 5; turn += 1) {
      const cliProcess = fixture.cli.start('plan');
      await new Promise((done) => setTimeout(done, 100 + randomInt(random, 500)));
      cliProcess.child.kill('SIGKILL');
      await cliProcess.exited;
    }
    expectExitCode(await fixture.cli.run('plan'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });
});

describe('one pass at a time', () => {
  test('a second pass is refused with the pid of the first one, and status still works', async () => {
    // High latency, so that the first pass is still running when the second one starts.
    await using fixture = await createFixture({ server: { latencyMs: 5000 } });
    const company = createCompany(95, 150);
    fixture.cli.export(company);
    const first = fixture.cli.start('sync');
    await waitForRequests(fixture, first, 5);
    const second = await fixture.cli.run('sync');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('(code: state.locked)');
    expect(second.stderr).toContain(String(first.child.pid));
    expectExitCode(await fixture.cli.run('status', '--json'), 0);
    fixture.server.options.latencyMs = 0;
    expectExitCode(await first.exited, 0);
    expect(fixture.state()).toEqual(expectedState(company));
    expectExitCode(await fixture.cli.run('sync'), 0);
  });

  test('SIGTERM completes the requests in flight and records them; exit code 1 shows what was not sent', async () => {
    await using fixture = await createFixture({ server: { latencyMs: 30, uniqueUserNames: false } });
    const company = createCompany(96, 200);
    fixture.cli.export(company);
    const cliProcess = fixture.cli.start('sync');
    await waitForRequests(fixture, cliProcess, 20);
    cliProcess.child.kill('SIGTERM');
    const run = await cliProcess.exited;
    expectExitCode(run, 1);
    const userCount = fixture.server.users.size;
    expect(userCount).toBeLessThan(200);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server).filter(({ method }) => method === 'POST')).toHaveLength(200 - userCount);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test.each([['sync'], ['plan', '--exit-code']])(
    'SIGTERM while the source is read: %s exits with 1',
    async (...args) => {
      await using fixture = await createFixture();
      const { cli, server } = fixture;
      const begun = cli.path('begun');
      const script = `require('node:fs').writeFileSync(${JSON.stringify(begun)}, ''); setInterval(() => 0, 1000);`;
      const users = { run: [process.execPath, '-e', script], key: 'id' };
      cli.configure({ ...configuration([target(server.url)], {}), source: { type: 'command', users } });
      const cliProcess = cli.start(...args);
      await waitUntil('the begin of the reading', () => existsSync(begun));
      cliProcess.child.kill('SIGTERM');
      const run = await cliProcess.exited;
      expectExitCode(run, 1);
      expect(run.stderr).toContain('stopped by a signal');
      expect(run.stderr).not.toContain('internal error');
    },
  );

  test('only the owner can read the state file', async () => {
    await using fixture = await createFixture();
    expectExitCode(await fixture.pass(createCompany(97, 3)), 0);
    expect((statSync(fixture.cli.path('scimsync.db')).mode & 0o777).toString(8)).toBe('600');
  });
});
