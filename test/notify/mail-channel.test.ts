import { describe, expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import { mailOf } from '../../src/notify/mail-channel.ts';
import { notificationOf } from '../../src/notify/notification.ts';

const now = instant(Date.UTC(2026, 10, 29, 8));
const envelope = { from: 'scimsync@example.com', to: ['ops@example.com'] };

const mailAbout = (text: string, details: readonly string[] = []): { subject: string; text: string } => {
  const incident = { kind: 'held', target: 'crm', text, details, command: 'scimsync approve 7c2b' } as const;
  const time = { id: 1, stage: 0, isPending: false, opened: now, worsened: undefined, closed: undefined };
  const changes = [{ incident: { ...incident, ...time }, change: 'opened' }] as const;
  const redact = (line: string): string => line.replaceAll('a-secret', '***');
  const notification = notificationOf(changes, { detail: 'names' }, { host: 'hr-box', now, redact });
  return mailOf(notification, envelope, now);
};

describe('mailOf', () => {
  test('the subject is the title, and the text has details, the command, the computer and the time', () => {
    expect(mailAbout('crm: held: 12 users would lose access', ['user Ada (17)'])).toEqual({
      ...envelope,
      subject: '[scimsync] crm: held: 12 users would lose access',
      text: [
        'crm: held: 12 users would lose access',
        '  user Ada (17)',
        '  Run: scimsync approve 7c2b',
        '',
        'scimsync on hr-box, 2026-11-29T08:00:00.000Z',
        '',
      ].join('\n'),
      at: now,
    });
  });

  test.each([
    ['a line break', 'Ada\r\nBcc: all@example.com', String.raw`Ada\r\nBcc: all@example.com`],
    ['a separator of lines', 'Ada\u2028Bcc: all@example.com', String.raw`Ada\u2028Bcc: all@example.com`],
    ['a mark of direction', 'Ada\u202ekcah', String.raw`Ada\u202ekcah`],
    ['a NUL', 'Ada\u0000', String.raw`Ada\u0000`],
    ['a secret', 'Ada a-secret', 'Ada ***'],
  ])('%s in a name changes neither subject nor text', (_, name, shown) => {
    const { subject, text } = mailAbout(name, [name]);
    expect(subject).toBe(`[scimsync] ${shown}`);
    expect(text.split('\n').slice(0, 2)).toEqual([shown, `  ${shown}`]);
  });

  test('a long title is cut in the subject only', () => {
    const { subject, text } = mailAbout('x'.repeat(400));
    expect(subject).toHaveLength(151);
    expect(text).toContain('x'.repeat(400));
  });
});
