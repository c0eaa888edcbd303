import { createHmac } from 'node:crypto';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { certificatesFor } from '../../world/directory/servers/certificates.ts';
import { mailLogin, startMailServer } from '../../world/mail-server.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(90_000);

interface Hook {
  readonly url: string;
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** The status of the next answers. */
  status: number;
  /** The changes of all notifications, as `event change`. */
  changes(): readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

async function startHook(): Promise<Hook> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      hook.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(hook.status).end(hook.status === 200 ? 'ok' : 'not now');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hook: Hook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received: [],
    status: 200,
    changes: () =>
      hook.received.flatMap(({ body }) => changesIn(body).map(({ event, change }) => `${event} ${change}`)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hook;
}

interface NotifiedChange {
  readonly event: string;
  readonly change: string;
  readonly target: string | null;
  readonly text: string;
  readonly details: readonly string[];
  readonly command: string | null;
}

const changesIn = (body: string): readonly NotifiedChange[] =>
  (JSON.parse(body) as { readonly changes: readonly NotifiedChange[] }).changes;

const webhook = ({ url }: Hook, rest: object = {}): object => ({ name: 'hook', type: 'webhook', url, ...rest });

const notified = (
  fixture: Fixture,
  notify: readonly object[],
  settings: Readonly<Record<string, unknown>>,
  rest: object = {},
): void =>
  fixture.cli.configure({
    ...configuration([target(fixture.server.url, settings)], groupFiles),
    ...{ notify, ...rest },
  });

test('a held plan is reported once with the command that approves it, and so is its end', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  const { cli } = fixture;
  const company = createCompany(191, 40);
  cli.export(company);
  notified(fixture, [webhook(hook)], { guard: unlimitedGuard });
  expectExitCode(await cli.run('sync'), 0);
  expect(hook.received).toEqual([]);
  for (const { id } of peopleWithoutReports(company, 3)) leave(company, id);
  cli.export(company);
  notified(fixture, [webhook(hook)], { guard: { ...unlimitedGuard, maxRemovals: 0 } });
  expectExitCode(await cli.run('sync'), 3);
  expectExitCode(await cli.run('sync'), 3);
  expect(hook.changes()).toEqual(['held opened']);
  const [held] = changesIn(hook.received[0]?.body ?? '');
  expect(held).toMatchObject({ target: 'app', details: [] });
  const plan = /scimsync approve (\S+)/.exec(held?.command ?? '')?.[1] ?? '';
  expectExitCode(await cli.run('approve', plan, '--reason', 'they left'), 0);
  expectExitCode(await cli.run('sync'), 0);
  expect(hook.changes()).toEqual(['held opened', 'held closed']);
});

/** What is in front of an application, and can be cut off. */
interface Gate {
  readonly url: string;
  isOpen: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

async function startGate(behind: string): Promise<Gate> {
  const server = createServer((incoming, outgoing) => {
    if (!gate.isOpen) {
      outgoing.writeHead(401).end();
      return;
    }
    const { method, headers, url = '' } = incoming;
    incoming.pipe(
      request(new URL(url, behind), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const gate: Gate = {
    url: `http://127.0.0.1:${port}${new URL(behind).pathname}`,
    isOpen: true,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gate;
}

test('a channel that fails changes no result of a pass, is shown, and has a pause before the next try', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  const { cli } = fixture;
  hook.status = 500;
  const company = createCompany(192, 20);
  cli.export(company);
  notified(fixture, [webhook(hook)], { guard: { ...unlimitedGuard, maxRemovals: 0 } });
  expectExitCode(await cli.run('sync'), 0);
  for (const { id } of peopleWithoutReports(company, 1)) leave(company, id);
  cli.export(company);
  expectExitCode(await cli.run('sync'), 3);
  expect(hook.received).toHaveLength(1);
  expect((await cli.run('status')).stdout).toMatch(/channel hook .*500: not now/);
  expectExitCode(await cli.run('sync'), 3);
  expect(hook.received).toHaveLength(1);
});

test('a daemon reports once that a target does not work, also after a restart, and its recovery', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  await using gate = await startGate(fixture.server.url);
  const { cli } = fixture;
  cli.export(createCompany(193, 5));
  const source = { ...groupFiles, changes: 'live' };
  const app = target(gate.url, { guard: unlimitedGuard });
  cli.configure({ ...configuration([app], source), notify: [webhook(hook)] });
  const runDaemonUntil = async (what: string, condition: () => boolean): Promise<void> => {
    const daemon = cli.start('daemon');
    await waitUntil(what, () => condition() && daemon.output().stderr.includes('pass ended'));
    daemon.child.kill('SIGTERM');
    expectExitCode(await daemon.exited, 0);
  };
  gate.isOpen = false;
  await runDaemonUntil('the notification', () => hook.received.length > 0);
  await runDaemonUntil('a pass after the restart', () => true);
  expect(hook.changes()).toEqual(['unreachable opened']);
  gate.isOpen = true;
  await runDaemonUntil('the recovery', () => hook.received.length > 1);
  expect(hook.changes()).toEqual(['unreachable opened', 'unreachable closed']);
});

test('notify --test signs what it sends, fills the shape, and shows what each channel answered', async () => {
  await using fixture = await createFixture();
  await using hook = await startHook();
  const { cli } = fixture;
  writeFileSync(cli.path('hook.secret'), 'a-shared-secret');
  writeFileSync(cli.path('keep.sh'), 'cat > kept.json; env > kept.env; echo thanks');
  const signed = webhook(hook, { name: 'chat', shape: 'slack', secret: { file: 'hook.secret' } });
  const program = { name: 'pager', type: 'command', run: ['sh', 'keep.sh'] };
  const hanging = { name: 'slow', type: 'command', run: ['sleep', '60'], timeoutSeconds: 1 };
  notified(fixture, [signed, program, hanging], {});
  const both = await cli.run('notify', '--test', 'chat', 'pager');
  expectExitCode(both, 0);
  expect(both.stdout).toBe('chat: accepted (200: ok)\npager: accepted (exit code 0: thanks)\n');
  const { headers, body } = hook.received[0] ?? { headers: {}, body: '' };
  expect(JSON.parse(body)).toMatchObject({ text: expect.stringContaining('test') as unknown, blocks: [{}, {}] });
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-scimsync-signature'])) ?? [];
  expect(signature).toBe(createHmac('sha256', 'a-shared-secret').update(`${seconds}.${body}`).digest('hex'));
  expect(JSON.parse(readFileSync(cli.path('kept.json'), 'utf8'))).toMatchObject({ changes: [{ event: 'test' }] });
  expect(readFileSync(cli.path('kept.env'), 'utf8')).not.toContain('APP_TOKEN');
  const slow = await cli.run('notify', '--test', 'slow');
  expectExitCode(slow, 1);
  expect(slow.stdout).toBe('slow: not accepted (it did not end within 1 s)\n');
  expectExitCode(await cli.run('notify', '--test', 'pagr'), 4);
});

test('notify --test sends a mail by STARTTLS, shows what the server answered, and never the password', async () => {
  const { server: pair, caFile } = await certificatesFor('127.0.0.1');
  await using fixture = await createFixture();
  await using server = await startMailServer(pair);
  const { cli } = fixture;
  const { username, password } = mailLogin;
  writeFileSync(cli.path('right.secret'), password, { mode: 0o600 });
  writeFileSync(cli.path('wrong.secret'), 'another-password', { mode: 0o600 });
  const mail = (name: string): object => ({
    ...{ name, type: 'mail', url: `smtp://127.0.0.1:${server.port}`, startTls: true, tls: { caFile } },
    ...{ auth: { username, password: { file: `${name}.secret` } } },
    ...{ from: 'scimsync@example.com', to: ['ops@example.com'] },
  });
  notified(fixture, [mail('right'), mail('wrong')], {});
  const run = await cli.run('notify', '--test');
  expectExitCode(run, 1);
  expect(run.stdout).toBe(
    'right: accepted (250 queued as 4711)\n' +
      'wrong: not accepted (the login was refused: 535 no login for scimsync with •••)\n',
  );
  expect(server.received).toMatchObject([{ to: ['ops@example.com'], isEncrypted: true, user: username }]);
  expect(server.received[0]?.message).toMatch(/^Subject: \[scimsync\] This is a test/m);
});
