import * as z from 'zod';
import { incidentKinds } from '../../../model/notify/incident.ts';
import { tls } from '../connection-fields.ts';
import { duration, secret, text } from '../fields.ts';

const rules = () => ({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'must consist of letters, digits, "-", "_" and "."' })
    .describe('Name of the channel, for "scimsync notify --test NAME". Unique.'),
  events: z
    .array(z.enum(incidentKinds))
    .describe('What the channel is notified of: its begin and its end. []: only the digest. Default: everything.')
    .exactOptional(),
  digest: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day such as "08:00"' })
    .describe('When the channel gets a summary of the last day, in `timezone`. Default: never.')
    .exactOptional(),
  targets: z
    .array(text())
    .min(1)
    .describe('Targets that the channel is notified of. Sources concern each channel. Default: all.')
    .exactOptional(),
  detail: z
    .enum(['counts', 'names'])
    .default('counts')
    .describe('"names" adds the users and groups that are concerned, and what applications answered about them.'),
  perHour: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Notifications in an hour. What happens beyond is in the next one.'),
  timeoutSeconds: z.int().min(1).max(60).default(10).describe('Time limit of one notification.'),
});

const webhook = z
  .strictObject({
    type: z.literal('webhook'),
    ...rules(),
    url: secret().describe('Address that gets a POST with JSON. https, or this machine. It often contains a secret.'),
    shape: z
      .string()
      .regex(/^[a-z0-9-]+$/, { error: 'must be the name of a file in config/notifications, without .json' })
      .describe('Form of the body: the name of a file in config/notifications. Default: the notification as JSON.')
      .exactOptional(),
    secret: secret().describe('Signs each request: HMAC-SHA256 in X-Scimsync-Signature.').exactOptional(),
  })
  .describe('A web server.');

/** RFC 5321 section 4.1.2, without quoted names: no character in it can begin another header or command. */
const address = () =>
  z.string().regex(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, {
    error: 'must be a mail address such as ops@example.com, without a name',
  });

const mail = z
  .strictObject({
    type: z.literal('mail'),
    ...rules(),
    url: text().describe(
      'Mail server: smtp://mail.example.com:587 (port 587 by default), or smtps://mail.example.com (port 465).',
    ),
    startTls: z
      .boolean()
      .describe('Whether STARTTLS must encrypt an smtp:// connection. Default: true, except to this machine.')
      .exactOptional(),
    tls: tls.exactOptional(),
    auth: z
      .strictObject({
        username: secret().describe('User name; not a secret, so a literal value is fine.'),
        password: secret().describe('Password.'),
      })
      .describe('The login. Default: none.')
      .exactOptional(),
    from: address().describe('Address of the sender.'),
    to: z.array(address()).min(1).max(50).describe('Addresses of the recipients. They see each other.'),
  })
  .describe('Mail by SMTP.');

const command = z
  .strictObject({
    type: z.literal('command'),
    ...rules(),
    run: z
      .array(text())
      .min(1)
      .describe(
        'Program and arguments; it gets the notification as JSON on standard input. No shell. A program with a slash ' +
          'is a path from the folder of this file, in which it runs.',
      ),
  })
  .describe('A program.');

/** Who is notified of what a person must know. */
export const notifySchema = z
  .array(z.discriminatedUnion('type', [webhook, mail, command], { error: 'must be "webhook", "mail" or "command"' }))
  .describe('Channels that are notified of what a person must know. Default: none.');

/** From when on something is an incident. */
export const incidentsSchema = z
  .strictObject({
    failingAfter: duration()
      .describe('Records at a target fail for this time: "1h". "0s": at the first failure. Default: "1h".')
      .exactOptional(),
    openLeaverAfter: duration()
      .describe('A leaver keeps access for this time after the removal was planned. Default: "1h".')
      .exactOptional(),
    staleAfter: duration()
      .describe('No reading of the source was accepted for this time. Default: "24h".')
      .exactOptional(),
    expiryDays: z
      .array(z.int().min(0).max(365))
      .max(5)
      .describe('Days before a token or certificate expires at which it is reported. Default: [14, 3].')
      .exactOptional(),
  })
  .describe('From when on something is reported: in status, and to the channels of notify.');
