import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { createCompany } from '../../world/company.ts';
import { programPath } from '../../world/directory/servers/installed.ts';
import { configuration, expectExitCode, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer } from '../../world/strict-server/strict-server.ts';
import { startSupervisor, type Received } from '../../world/supervisor.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const isHere = programPath('systemd-notify') !== undefined && programPath('python3') !== undefined;
const withSystemd = isHere ? test : test.skip;

const limitMs = 3_000;

/** The messages besides the signs of life, with the time of the clock as a number sign. */
const reportsOf = (received: readonly Received[]): readonly Received[] =>
  received
    .filter((one) => one === 'expired' || one[0] !== 'WATCHDOG=1')
    .map((one) => (one === 'expired' ? one : one.map((line) => line.replace(/^(MONOTONIC_USEC=)\d+$/, '$1#'))));

const count = (received: readonly Received[], line: string): number =>
  received.filter((one) => one.includes(line)).length;

/** Blocks the event loop for good, as a defect of the program would. */
const blockOnSignal =
  '--import=data:text/javascript,' +
  encodeURIComponent("process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));");

withSystemd(
  'a supervisor learns of the start, a reload and the end, and which signs of life the daemon gives',
  async () => {
    await using server = await startStrictServer();
    await using cli = createCliWorkspace({
      APP_TOKEN: server.token,
      NOTIFY_SOCKET: `@scimsync-test-${process.pid}`,
      WATCHDOG_USEC: String(limitMs * 1000),
    });
    await using supervisor = await startSupervisor(`@scimsync-test-${process.pid}`, limitMs);
    const { received } = supervisor;
    cli.configure(configuration([target(server.url, { guard: unlimitedGuard })]));
    cli.export(createCompany(11, 4));
    const daemon = cli.start('daemon');
    await waitUntil(
      'the end of the first pass',
      () => count(received, 'STATUS=the last pass left nothing to do') === 1,
    );
    daemon.child.kill('SIGHUP');
    await waitUntil('the reload', () => count(received, 'READY=1') === 2);
    await waitUntil('signs of life', () => count(received, 'WATCHDOG=1') >= 3);
    daemon.child.kill('SIGTERM');
    expectExitCode(await daemon.exited, 0);
    await waitUntil('the end', () => count(received, 'STOPPING=1') === 1);
    expect(reportsOf(received)).toEqual([
      ['READY=1', 'STATUS=the first pass is running'],
      ['STATUS=the last pass left nothing to do'],
      ['RELOADING=1', 'MONOTONIC_USEC=#'],
      ['READY=1'],
      ['STOPPING=1', 'STATUS=completing the requests in flight'],
    ]);
  },
);

withSystemd('a daemon whose event loop is blocked gives no sign of life', async () => {
  await using server = await startStrictServer();
  const address = join(tmpdir(), `scimsync-test-${process.pid}.socket`);
  await using cli = createCliWorkspace({
    APP_TOKEN: server.token,
    NODE_OPTIONS: blockOnSignal,
    NOTIFY_SOCKET: address,
    WATCHDOG_USEC: String(limitMs * 1000),
  });
  cli.configure(configuration([target(server.url, { guard: unlimitedGuard })]));
  cli.export(createCompany(12, 2));
  await using supervisor = await startSupervisor(address, limitMs);
  const { received } = supervisor;
  const daemon = cli.start('daemon');
  await waitUntil('signs of life', () => count(received, 'WATCHDOG=1') >= 2 && count(received, 'READY=1') === 1);
  expect(received).not.toContain('expired');
  daemon.child.kill('SIGUSR2');
  await waitUntil('the end of the patience', () => received.includes('expired'));
  expect(received.at(-1)).toBe('expired');
  rmSync(address);
});

test('without the program that sends messages, the log states it once, and passes go on', async () => {
  await using server = await startStrictServer();
  await using cli = createCliWorkspace({ APP_TOKEN: server.token, NOTIFY_SOCKET: '/nowhere', PATH: '/nowhere' });
  cli.configure({ ...configuration([target(server.url, { guard: unlimitedGuard })]), schedule: '* * * * * *' });
  cli.export(createCompany(13, 2));
  const daemon = cli.start('daemon');
  const passes = (): number => daemon.output().stderr.split('pass ended').length - 1;
  await waitUntil('two passes', () => passes() >= 2);
  daemon.child.kill('SIGTERM');
  const { stderr } = await daemon.exited;
  expect(stderr.split('the supervisor (NOTIFY_SOCKET) gets no message')).toHaveLength(2);
  expect(server.users.size).toBe(2);
});
