import type { Instant } from '../model/ids.ts';
import { visibleLine } from '../model/text/visible.ts';
import type { ChannelRules } from './channel-rules.ts';
import type { Channel, ChannelAnswer } from './channel.ts';
import { textOf, type Notification } from './notification.ts';

/** From whom and to whom. Each is an address without a name, such as `ops@example.com`. */
export interface Envelope {
  readonly from: string;
  /** At least one. */
  readonly to: readonly string[];
}

/** A message in plain text. */
export interface Mail extends Envelope {
  /** One line without hidden characters. */
  readonly subject: string;
  readonly text: string;
  readonly at: Instant;
}

/** A mail server. Its functions never throw because of it. */
export interface MailServer {
  /** Hands one message to it, once. */
  readonly send: (mail: Mail, signal: AbortSignal) => Promise<ChannelAnswer>;
  /** Logs in, and sends no message. */
  readonly check: (signal: AbortSignal) => Promise<ChannelAnswer>;
}

/** Of a subject, in UTF-16 units: mail programs show about 70. */
const maxSubject = 150;

/** A channel that sends one message for each notification. */
export const mailChannel = (rules: ChannelRules, envelope: Envelope, { send, check }: MailServer): Channel => ({
  rules,
  check,
  send: (notification, now, signal) => send(mailOf(notification, envelope, now), signal),
});

/** The notification as a message. No text of a source or a target can add a header or a line. */
export function mailOf(notification: Notification, envelope: Envelope, at: Instant): Mail {
  const { title, host } = notification;
  const subject = visibleLine(`[scimsync] ${title}`, false);
  return {
    ...envelope,
    subject: subject.length > maxSubject ? `${subject.slice(0, maxSubject)}…` : subject,
    text: `${textOf(notification)}\n\nscimsync on ${visibleLine(host, false)}, ${notification.at}\n`,
    at,
  };
}
