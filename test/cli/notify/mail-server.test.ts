import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { mailServer } from '../../../src/cli/notify/mail-server.ts';
import type { MailConfig } from '../../../src/config/notify-config.ts';
import { Secret } from '../../../src/config/secrets/secret.ts';
import { instant } from '../../../src/model/ids.ts';
import { mailOf } from '../../../src/notify/mail-channel.ts';
import { testNotification } from '../../../src/notify/notification.ts';
import { certificatesFor } from '../../world/directory/servers/certificates.ts';
import { mailLogin, refusal, startMailServer, type MailServer } from '../../world/mail-server.ts';

jest.setTimeout(30_000);

const now = instant(Date.UTC(2026, 10, 29, 8));
const envelope = { from: 'scimsync@example.com', to: ['ops@example.com', 'desk@example.com'] };
const mail = mailOf(testNotification({ host: 'hr-box', now }), envelope, now);
const running = new AbortController().signal;

const settings = ({ port }: Pick<MailServer, 'port'>, changes: Partial<MailConfig> = {}): MailConfig => ({
  ...{ host: '127.0.0.1', port, encryption: 'none', tls: undefined, auth: undefined, timeoutMs: 5000 },
  ...changes,
});

const login = (password = mailLogin.password): MailConfig['auth'] => ({
  username: mailLogin.username,
  password: new Secret(password),
});

describe('mailServer', () => {
  test('the message arrives as plain text, and the detail is what the server answered', async () => {
    await using server = await startMailServer(undefined);
    const answer = await mailServer(settings(server)).send(mail, running);
    expect(answer).toEqual({ kind: 'accepted', detail: '250 queued as 4711' });
    const [received] = server.received;
    expect(received).toMatchObject({ from: 'scimsync@example.com', to: envelope.to, isEncrypted: false });
    for (const line of [
      'From: scimsync <scimsync@example.com>',
      'To: ops@example.com, desk@example.com',
      'Date: Sun, 29 Nov 2026 08:00:00 +0000',
      'Auto-Submitted: auto-generated',
      'Content-Type: text/plain; charset=utf-8',
    ])
      expect(received?.message.split('\r\n')).toContain(line);
  });

  test.each(['startTls', 'tls'] as const)(
    'by %s with the configured CA, the login is encrypted',
    async (encryption) => {
      const { server: pair, caFile } = await certificatesFor('127.0.0.1');
      await using server = await startMailServer(pair, { secure: encryption === 'tls' });
      const answer = await mailServer(settings(server, { encryption, tls: { caFile }, auth: login() })).send(
        mail,
        running,
      );
      expect(answer).toMatchObject({ kind: 'accepted' });
      expect(server.received).toMatchObject([{ isEncrypted: true, user: mailLogin.username }]);
    },
  );

  test.each([
    ['a server without STARTTLS', undefined, /^the connection cannot be encrypted, so nothing was sent: 500/],
    ['a server with a certificate of another CA', 'otherCaFile', /self-signed|verify|issuer/i],
  ] as const)('nothing is sent to %s', async (_, ca, reason) => {
    const certificates = await certificatesFor('127.0.0.1');
    await using server = await startMailServer(ca === undefined ? undefined : certificates.server);
    const tls = { caFile: certificates[ca ?? 'caFile'] };
    const answer = await mailServer(settings(server, { encryption: 'startTls', tls, auth: login() })).send(
      mail,
      running,
    );
    expect(answer).toEqual({ kind: 'failed', detail: expect.stringMatching(reason) as unknown });
    expect(server.received).toEqual([]);
  });

  test('a refused login is named as such', async () => {
    await using server = await startMailServer(undefined);
    const answer = await mailServer(settings(server, { auth: login('wrong') })).send(mail, running);
    expect(answer).toEqual({
      kind: 'failed',
      detail: expect.stringMatching(/^the login was refused: 535 /) as unknown,
    });
  });

  test.each([
    [
      'the sender',
      { onMailFrom: (_: unknown, __: unknown, done: Done) => done(refusal(451, 'try later')) },
      /451 try later/,
    ],
    [
      'the recipients',
      { onRcptTo: (_: unknown, __: unknown, done: Done) => done(refusal(550, 'no such user')) },
      /550 no such user/,
    ],
  ])('a server that refuses %s', async (_, options, reason) => {
    await using server = await startMailServer(undefined, options);
    const answer = await mailServer(settings(server)).send(mail, running);
    expect(answer).toEqual({ kind: 'failed', detail: expect.stringMatching(reason) as unknown });
  });

  test('a message that one of two recipients gets is accepted, and names the other one', async () => {
    await using server = await startMailServer(undefined, {
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith('desk') ? done(refusal(550, 'no such user')) : done(),
    });
    const answer = await mailServer(settings(server)).send(mail, running);
    expect(answer).toEqual({
      kind: 'accepted',
      detail: '250 queued as 4711; refused for desk@example.com: 550 no such user',
    });
    expect(server.received).toMatchObject([{ to: ['ops@example.com'] }]);
  });

  test.each([
    ['sends nothing', ''],
    ['greets without an end', '220-'],
    ['answers without an end', `220 here\r\n${'250-more\r\n'.repeat(20_000)}`],
  ])('a server that %s ends within the limit of time', async (_, greeting) => {
    const server = createServer((socket) => socket.on('error', () => undefined).write(greeting));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await mailServer(settings({ port }, { timeoutMs: 300 })).send(mail, running);
    server.close();
    expect(answer).toMatchObject({ kind: 'failed' });
  });

  test.each([
    [mailLogin.password, { kind: 'accepted', detail: expect.stringContaining('answers and accepts the login') }],
    ['wrong', { kind: 'failed', detail: expect.stringMatching(/^the login was refused: 535/) }],
  ])('a check logs in, and sends nothing', async (password, expected) => {
    await using server = await startMailServer(undefined);
    expect(await mailServer(settings(server, { auth: login(password) })).check(running)).toEqual(expected);
    expect(server.received).toEqual([]);
  });

  test('a closed port, and a stop, are failures', async () => {
    const closed = await mailServer(settings({ port: 1 })).send(mail, running);
    expect(closed).toEqual({ kind: 'failed', detail: expect.stringContaining('ECONNREFUSED') as unknown });
    expect(await mailServer(settings({ port: 1 })).send(mail, AbortSignal.abort())).toMatchObject({ kind: 'failed' });
  });
});

type Done = (error?: Error) => void;
