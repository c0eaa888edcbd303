import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports, type Company } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(90_000);

/** An application that answers no request as a SCIM server does. */
interface BrokenServer {
  readonly url: string;
  /** The number of requests that it received. */
  readonly received: () => number;
  [Symbol.asyncDispose](): Promise<void>;
}

async function brokenServer(respond: (response: ServerResponse) => void, port = 0): Promise<BrokenServer> {
  let received = 0;
  const server: Server = createServer((_, response) => {
    received += 1;
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const hanging = (): Promise<BrokenServer> => brokenServer(() => undefined);
const throttling = (): Promise<BrokenServer> =>
  brokenServer((response) => response.writeHead(429, { 'retry-after': '290' }).end());

function configure(fixture: Fixture, broken: string, rest: object = {}, changes = 'live'): void {
  const healthy = target(fixture.server.url, { guard: unlimitedGuard });
  const other = target(broken, { name: 'broken' });
  fixture.cli.configure({ ...configuration([other, healthy], { ...groupFiles, changes }), ...rest });
}

/** The lanes that `status` shows while that of the healthy target is free: a pass begins each second. */
async function lanesOf({ cli }: Fixture): Promise<Readonly<Record<string, unknown>>> {
  let lanes: Readonly<Record<string, unknown>> = {};
  await waitUntil('free lane of the healthy target', async () => {
    const { lines } = await cli.run('status', '--json');
    lanes = Object.fromEntries(
      lines.filter(({ type }) => type === 'target').map((one) => [one['target'], one['lane']]),
    );
    return lanes['app'] === null;
  });
  return lanes;
}

/** Two users leave, one after the other. @returns after each is inactive at the healthy target */
async function leaversArrive(fixture: Fixture, company: Company): Promise<void> {
  for (const { id } of peopleWithoutReports(company, 2)) {
    leave(company, id);
    fixture.cli.export(company);
    await waitUntil('the leaver', () => fixture.state().users[id]?.active === false);
  }
}

test('a target that never answers delays neither live changes at another one nor the end of the daemon', async () => {
  await using fixture = await createFixture();
  await using broken = await hanging();
  configure(fixture, broken.url, { stopSeconds: 0.2 });
  const company = createCompany(161, 12);
  fixture.cli.export(company);
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the load of the healthy target', () => fixture.server.users.size === 12);
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  await waitUntil('a request at the other one', () => broken.received() > 0);
  await leaversArrive(fixture, company);
  const lanes = await lanesOf(fixture);
  expect(lanes).toMatchObject({ broken: { state: 'busy', until: null } });
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  expect(daemon.output().stderr).not.toContain('no answer within');
});

test('a target that asks for a pause of 290 s delays no scheduled pass, and status shows its end', async () => {
  await using fixture = await createFixture();
  await using broken = await throttling();
  configure(fixture, broken.url, { schedule: '* * * * * *' }, 'scheduled');
  const company = createCompany(162, 12);
  fixture.cli.export(company);
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the load of the healthy target', () => fixture.server.users.size === 12);
  await waitUntil('a request at the other one', () => broken.received() > 0);
  await leaversArrive(fixture, company);
  const requests = broken.received();
  expect(await lanesOf(fixture)).toMatchObject({ broken: { until: expect.any(String) } });
  const { stdout } = await fixture.cli.run('status');
  expect(stdout).toContain('it asked for a pause');
  expect(stdout).not.toMatch(/^broken: .*; processed in pass/m);
  expect(broken.received()).toBe(requests);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('a dead target is quarantined, and served by itself once it is back', async () => {
  await using fixture = await createFixture();
  const dead = await hanging();
  const { url } = dead;
  await dead[Symbol.asyncDispose]();
  configure(fixture, url, {}, 'scheduled');
  fixture.cli.export(createCompany(163, 5));
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the quarantine', () => daemon.output().stderr.includes('broken is quarantined'));
  await waitUntil('the load of the healthy target', () => fixture.server.users.size === 5);
  expect(await lanesOf(fixture)).toMatchObject({ broken: { state: 'quarantined' } });
  await using back = await brokenServer((response) => response.writeHead(503).end(), Number(new URL(url).port));
  await waitUntil('another try', () => back.received() > 0);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('a stopped sync aborts requests in flight after stopSeconds, and ends with exit code 1', async () => {
  await using fixture = await createFixture();
  await using broken = await hanging();
  configure(fixture, broken.url, { stopSeconds: 0.2 }, 'scheduled');
  fixture.cli.export(createCompany(164, 5));
  const run = fixture.cli.start('sync');
  await waitUntil('the load of the healthy target', () => fixture.server.users.size === 5);
  await waitUntil('a request at the other one', () => broken.received() > 0);
  run.child.kill('SIGTERM');
  expectExitCode(await run.exited, 1);
});
