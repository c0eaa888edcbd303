import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Pair } from './directory/servers/certificates.ts';

/** A mail server on this machine that keeps what it got. */
export interface MailServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message with its headers, as it was sent. */
  readonly message: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

/** The login that the server accepts. */
export const mailLogin = { username: 'scimsync', password: 'a-mail-password' };

/** Refuses with a status of SMTP, such as `450`. */
export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

/**
 * Starts the server.
 *
 * @param pair its certificate; undefined: it offers no STARTTLS
 */
export async function startMailServer(pair: Pair | undefined, options: SMTPServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    allowInsecureAuth: pair === undefined,
    ...(pair === undefined
      ? { disabledCommands: ['STARTTLS'] }
      : { cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile) }),
    onAuth({ username, password }, _session, callback) {
      if (username === mailLogin.username && password === mailLogin.password) callback(null, { user: username });
      else callback(refusal(535, `no login for ${username ?? ''} with ${password ?? ''}`));
    },
    onData(stream, { envelope, secure, user }, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          message: Buffer.concat(chunks).toString(),
          isEncrypted: secure,
          user: user as string | undefined,
        });
        callback(null, 'queued as 4711');
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
