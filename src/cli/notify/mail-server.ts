import { once } from 'node:events';
import type { SMTPSentMessageInfo, SMTPTransportOptions, Transporter } from 'nodemailer';
import type { MailConfig } from '../../config/notify-config.ts';
import type { ChannelAnswer } from '../../notify/channel.ts';
import type { MailServer } from '../../notify/mail-channel.ts';
import { readPemFiles } from '../source/pem-files.ts';

/** The longest answer of a server that is read, in bytes. */
const maxAnswerBytes = 64 * 1024;
/** A server that does not close its connection gets this time, in ms. */
const closeMs = 500;

/**
 * A server that is reached by SMTP (RFC 5321), each time by a connection of its own: messages are rare. Without the
 * encryption that the configuration requires, neither the message nor the password is sent.
 *
 * @throws OperatorError if a certificate is unusable
 */
export function mailServer(config: MailConfig): MailServer {
  const pem = readPemFiles(config.tls);
  /** Uses one connection, within the limit of time. @returns what the server answered */
  const connected = async (
    use: (transport: Transporter<SMTPSentMessageInfo>, limit: AbortSignal) => Promise<string>,
    signal: AbortSignal,
  ): Promise<ChannelAnswer> => {
    const timeout = AbortSignal.timeout(config.timeoutMs);
    // Only a message needs the package.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(transportOptions(config, pem));
    try {
      const limit = AbortSignal.any([signal, timeout]);
      const ended = once(limit, 'abort').then(() => Promise.reject(new Error('it was stopped')));
      return { kind: 'accepted', detail: await Promise.race([use(transport, limit), ended]) };
    } catch (error) {
      const seconds = config.timeoutMs / 1000;
      return {
        kind: 'failed',
        detail: timeout.aborted ? `the mail server did not finish within ${seconds} s` : failureText(error),
      };
    } finally {
      transport.close();
    }
  };
  return {
    send: ({ from, to, subject, text, at }, signal) =>
      connected(async (transport, limit) => {
        const { response, rejectedErrors = [] } = await transport.sendMail({
          from: { name: 'scimsync', address: from },
          ...{ to: [...to], subject, text, date: new Date(at), signal: limit },
          // RFC 3834: no automatic answers.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return [response, ...rejectedErrors.map(refusalText)].join('; ');
      }, signal),
    check: (signal) =>
      connected(async (transport) => {
        await transport.verify();
        return `${config.host}:${config.port} answers${config.auth === undefined ? '' : ' and accepts the login'}`;
      }, signal),
  };
}

const transportOptions = (
  { host, port, encryption, auth, timeoutMs }: MailConfig,
  tls: ReturnType<typeof readPemFiles>,
): SMTPTransportOptions => ({
  ...{ host, port, tls, logger: false, disableFileAccess: true, disableUrlAccess: true },
  ...{ secure: encryption === 'tls', requireTLS: encryption === 'startTls', ignoreTLS: encryption === 'none' },
  auth: auth === undefined ? undefined : { user: auth.username, pass: auth.password.reveal() },
  ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
  ...{ maxResponseSize: maxAnswerBytes, socketCloseTimeout: closeMs },
});

/** What an error of nodemailer has besides its message. */
interface SmtpFailure {
  readonly message: string;
  readonly code?: string | undefined;
  readonly response?: string | undefined;
  readonly recipient?: string | undefined;
}

/** The server took the message for other recipients, so it is not sent again. */
const refusalText = ({ recipient = 'a recipient', response = '' }: SmtpFailure): string =>
  `refused for ${recipient}: ${response}`;

const stages: Readonly<Record<string, string>> = {
  EAUTH: 'the login was refused: ',
  ETLS: 'the connection cannot be encrypted, so nothing was sent: ',
};

function failureText(error: unknown): ChannelAnswer['detail'] {
  const { message, code = '', response }: SmtpFailure = error instanceof Error ? error : { message: String(error) };
  return `${stages[code] ?? ''}${response ?? message}`;
}
