import type { MailConfig } from '../../config/notify-config.ts';
import type { ChannelAnswer } from '../../notify/channel.ts';
import type { SendMail } from '../../notify/mail-channel.ts';
import { readPemFiles } from '../source/pem-files.ts';

/** The longest answer of a server that is read, in bytes. */
const maxAnswerBytes = 64 * 1024;
/** A server that does not close its connection gets this time, in ms. */
const closeMs = 500;

/**
 * Sends by SMTP (RFC 5321), each message by a connection of its own: they are rare. Without the encryption that the
 * configuration requires, neither the message nor the password is sent.
 *
 * @throws OperatorError if a certificate is unusable
 */
export function mailSender({ host, port, encryption, tls, auth, timeoutMs }: MailConfig): SendMail {
  const pem = readPemFiles(tls);
  return async ({ from, to, subject, text, at }, signal) => {
    const limit = AbortSignal.timeout(timeoutMs);
    // Only a message needs the package.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      ...{ host, port, logger: false, disableFileAccess: true, disableUrlAccess: true },
      ...{ secure: encryption === 'tls', requireTLS: encryption === 'startTls', ignoreTLS: encryption === 'none' },
      ...{ tls: pem, auth: auth === undefined ? undefined : { user: auth.username, pass: auth.password.reveal() } },
      ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
      ...{ maxResponseSize: maxAnswerBytes, socketCloseTimeout: closeMs },
    });
    try {
      const { response, rejectedErrors = [] } = await transport.sendMail({
        from: { name: 'scimsync', address: from },
        ...{ to: [...to], subject, text },
        date: new Date(at),
        // RFC 3834: no automatic answers.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.any([signal, limit]),
      });
      return { kind: 'accepted', detail: [response, ...rejectedErrors.map(refusalText)].join('; ') };
    } catch (error) {
      if (limit.aborted)
        return { kind: 'failed', detail: `the mail server did not finish within ${timeoutMs / 1000} s` };
      return { kind: 'failed', detail: failureText(error) };
    } finally {
      transport.close();
    }
  };
}

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
