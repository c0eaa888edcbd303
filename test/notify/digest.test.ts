import { describe, expect, test } from '@jest/globals';
import { nextTimeOfDay } from '../../src/cli/notify/next-time-of-day.ts';
import { instant, type Instant } from '../../src/model/ids.ts';
import type { Incident, KnownChannel } from '../../src/model/notify/incident.ts';
import type { Channel } from '../../src/notify/channel.ts';
import { deliver, type Delivery } from '../../src/notify/deliver.ts';
import { digestSince, isDigestDue } from '../../src/notify/digest.ts';
import { textOf, type Notification } from '../../src/notify/notification.ts';

const moment = (text: string): Instant => instant(Date.parse(text));

const channel = (since: string, digestAt?: string): KnownChannel => ({
  ...{ channel: 'mail', since: moment(since), failure: undefined },
  digestAt: digestAt === undefined ? undefined : moment(digestAt),
});

describe('isDigestDue', () => {
  const berlin = 'Europe/Berlin';
  test.each([
    ['before the time', '2026-06-01T05:59:59Z', channel('2026-05-30T00:00Z', '2026-05-31T06:00:10Z'), '08:00', false],
    ['at the time', '2026-06-01T06:00:00Z', channel('2026-05-30T00:00Z', '2026-05-31T06:00:10Z'), '08:00', true],
    ['not twice', '2026-06-01T06:05:00Z', channel('2026-05-30T00:00Z', '2026-06-01T06:00:10Z'), '08:00', false],
    [
      'after two missed days, once',
      '2026-06-03T11:00Z',
      channel('2026-05-30T00:00Z', '2026-05-31T06:00Z'),
      '08:00',
      true,
    ],
    ['a new channel waits for its first time', '2026-06-01T09:00Z', channel('2026-06-01T07:00Z'), '08:00', false],
    ['a new channel gets its first one', '2026-06-02T06:00Z', channel('2026-06-01T07:00Z'), '08:00', true],
    // In Berlin, 02:00 to 03:00 is left out on 29 March 2026, and occurs twice on 25 October 2026.
    ['in the hour left out', '2026-03-29T01:00Z', channel('2026-03-01T00:00Z', '2026-03-28T01:30Z'), '02:30', true],
    ['in the hour that repeats', '2026-10-25T00:30Z', channel('2026-10-01T00:00Z', '2026-10-24T00:30Z'), '02:30', true],
    [
      'not in its repetition',
      '2026-10-25T01:30Z',
      channel('2026-10-01T00:00Z', '2026-10-25T00:30:05Z'),
      '02:30',
      false,
    ],
    [
      'a clock set back a little',
      '2026-06-01T05:50Z',
      channel('2026-05-01T00:00Z', '2026-06-01T06:00:10Z'),
      '08:00',
      false,
    ],
    [
      'at the time it shows again',
      '2026-06-01T06:00Z',
      channel('2026-05-01T00:00Z', '2026-06-01T06:00:10Z'),
      '08:00',
      false,
    ],
  ])('%s', (_, now, known, timeOfDay, expected) => {
    const since = digestSince(known, moment(now));
    expect(isDigestDue(since, (after) => nextTimeOfDay(timeOfDay, berlin, after), moment(now))).toBe(expected);
  });

  test('a clock that was years ahead keeps no digest away', () => {
    const known = channel('2026-05-01T00:00Z', '2036-01-01T00:00Z');
    expect(digestSince(known, moment('2026-06-01T05:00Z'))).toBe(moment('2026-06-01T05:00Z'));
  });
});

describe('deliver', () => {
  const now = moment('2026-06-02T06:00Z');
  const incident = (id: number, target: string, opened: string, closed?: string): Incident => ({
    ...{ id, kind: 'held', target, text: `${target}: held`, details: ['user Ada'], command: 'scimsync approve 7c2b' },
    ...{ stage: 0, isPending: false, worsened: undefined, opened: moment(opened) },
    closed: closed === undefined ? undefined : moment(closed),
  });
  const incidents = [
    incident(1, 'crm', '2026-05-20T00:00Z'),
    incident(2, 'wiki', '2026-06-01T10:00Z', '2026-06-01T11:00Z'),
    { ...incident(3, 'desk', '2026-06-02T05:00Z'), isPending: true },
  ];
  const state = {
    incidents,
    reported: [
      ...incidents.map(({ id }) => ({ incident: id, change: 'opened', channel: 'mail', at: now }) as const),
      { incident: 2, change: 'closed', channel: 'mail', at: now } as const,
    ],
    channels: [channel('2026-05-01T00:00Z', '2026-06-01T06:00Z')],
  };
  const rules = {
    name: 'mail',
    events: [],
    targets: undefined,
    detail: 'counts',
    digest: '08:00',
    perHour: 1,
  } as const;

  async function sentTo(kind: 'accepted' | 'failed', one = state): Promise<[Notification[], Delivery[]]> {
    const sent: Notification[] = [];
    const deliveries: Delivery[] = [];
    const mailbox: Channel = {
      rules,
      check: () => Promise.reject(new Error('nothing is checked')),
      send: async (notification) => {
        sent.push(notification);
        return { kind, detail: '250 ok' };
      },
    };
    await deliver(
      [mailbox],
      one,
      {
        ...{ host: 'hr-box', now, redact: (text) => text, stop: new AbortController().signal },
        nextTimeOfDay: (timeOfDay, after) => nextTimeOfDay(timeOfDay, 'Europe/Berlin', after),
        workWithin: () => ({
          passes: { total: 96, failed: 1 },
          done: [
            { target: 'crm', action: 'create', count: 12 },
            { target: 'crm', action: 'deactivate', count: 2 },
          ],
        }),
      },
      async (delivery) => void deliveries.push(delivery),
    );
    return [sent, deliveries];
  }

  test('a digest has what is open, what began or ended since, and what was done', async () => {
    const [[digest], deliveries] = await sentTo('accepted');
    expect(deliveries).toMatchObject([{ channel: 'mail', content: 'digest', failure: undefined }]);
    expect(digest === undefined ? '' : textOf(digest)).toBe(
      [
        'Digest: 1 incident open; 14 operations in 96 passes since 2026-06-01T06:00:00.000Z',
        '',
        'Open:',
        '  crm: held (since 2026-05-20T00:00:00.000Z)',
        '    Run: scimsync approve 7c2b',
        '',
        'Began or ended since the last digest:',
        '  wiki: held',
        '    Run: scimsync approve 7c2b',
        '  Over: wiki: held (since 2026-06-01T10:00:00.000Z)',
        '',
        'Done:',
        '  crm: 12 created, 2 deactivated',
        '1 pass failed.',
      ].join('\n'),
    );
  });

  test('a digest that was not accepted stays due, after a pause', async () => {
    const [, [delivery]] = await sentTo('failed');
    expect(delivery).toMatchObject({ content: 'digest', failure: { failures: 1, nextTry: now + 60_000 } });
    const failure = { failures: 1, nextTry: instant(now + 1), detail: '' };
    const [sent] = await sentTo('accepted', { ...state, channels: state.channels.map((one) => ({ ...one, failure })) });
    expect(sent).toEqual([]);
  });
});
