import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(90_000);

/** In front of an application: forwards reads, and answers no write until it is repaired. */
interface StuckProxy extends AsyncDisposable {
  readonly url: string;
  /** The number of writes that it received. */
  readonly writes: () => number;
  repair(): void;
}

async function startStuckProxy(application: StrictServer): Promise<StuckProxy> {
  let writes = 0;
  let isRepaired = false;
  const server: Server = createServer((incoming, outgoing) => {
    const { method = 'GET', headers, url = '/' } = incoming;
    if (method !== 'GET') writes += 1;
    if (method !== 'GET' && !isRepaired) return;
    const to = new URL(application.url);
    const forwarded = request({ host: to.hostname, port: to.port, path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: application.url.replace(/:\d+/, `:${(server.address() as AddressInfo).port}`),
    writes: () => writes,
    repair: () => {
      isRepaired = true;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a target whose writes hang while reads succeed is quarantined, delays no other one, and comes back', async () => {
  await using fixture = await createFixture();
  const application = await startStrictServer({ token: fixture.server.token });
  await using stuck = await startStuckProxy(application);
  const { cli } = fixture;
  const limits = { requestsPerSecond: 1000, concurrency: 4, timeoutMs: 200 };
  cli.configure(
    configuration(
      [
        target(stuck.url, { name: 'stuck', limits, guard: unlimitedGuard }),
        target(fixture.server.url, { guard: unlimitedGuard }),
      ],
      { ...groupFiles, changes: 'live' },
    ),
  );
  const company = createCompany(183, 60);
  cli.export(company);
  const daemon = cli.start('daemon');
  await waitUntil('the quarantine', () => daemon.output().stderr.includes('stuck is quarantined'));
  expect(daemon.output().stderr).toContain('answered no write of the last');
  // Concurrency is 4, and the writes in flight end with the others.
  expect(stuck.writes()).toBeLessThan(20);
  expect(application.log.length).toBeGreaterThan(0);
  await waitUntil('the load of the healthy target', () => fixture.server.users.size === 60);
  const [leaver] = peopleWithoutReports(company, 1);
  leave(company, leaver?.id ?? '');
  cli.export(company);
  await waitUntil('the leaver', () => fixture.state().users[leaver?.id ?? '']?.active === false);
  stuck.repair();
  await waitUntil('the load of the repaired target', () => application.users.size === 59);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  await application.close();
});
