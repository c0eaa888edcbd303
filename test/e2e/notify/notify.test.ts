import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { certificatesFor } from '../../world/directory/servers/certificates.ts';
import { mailLogin, startMailServer } from '../../world/mail-server.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { startGate } from './gate.ts';
import { changesIn, notified, startHook, webhook } from './hook.ts';

jest.setTimeout(90_000);

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
  const check = await cli.run('check');
  expect(check.stdout).toContain(`channel right: 127.0.0.1:${server.port} answers and accepts the login`);
  expect(check.stdout).toContain('warning: the channel wrong cannot be used: the login was refused: 535');
  expect(server.received).toHaveLength(1);
});

test('check connects to webhooks without a request, and looks for programs', async () => {
  const { server: pair } = await certificatesFor('127.0.0.1');
  await using fixture = await createFixture();
  await using hook = await startHook();
  await using encrypted = await startMailServer(pair, { secure: true });
  const channels = [
    webhook(hook),
    { name: 'closed', type: 'webhook', url: 'http://127.0.0.1:1/' },
    { name: 'untrusted', type: 'webhook', url: `https://127.0.0.1:${encrypted.port}/` },
    { name: 'pager', type: 'command', run: ['sh', 'page.sh'] },
    { name: 'gone', type: 'command', run: ['./page-admin'] },
  ];
  notified(fixture, channels, {});
  const { stdout } = await fixture.cli.run('check');
  for (const line of [
    new RegExp(`^channel hook: ${new URL(hook.url).host} can be reached; nothing was sent$`, 'm'),
    /the channel closed cannot be used: .*ECONNREFUSED/,
    /the channel untrusted cannot be used: .*(self-signed|certificate|issuer)/,
    /^channel pager: \S+sh can be run; it was not started$/m,
    /the channel gone cannot be used: \S+page-admin is no program that this user may run/,
  ])
    expect(stdout).toMatch(line);
  expect(hook.received).toEqual([]);
});
