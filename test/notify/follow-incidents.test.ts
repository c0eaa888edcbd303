import { describe, expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import type { Incident, IncidentFact, NotificationState, Reported } from '../../src/model/notify/incident.ts';
import type { ChannelRules } from '../../src/notify/channel-rules.ts';
import { deliveryTime, failureAfter } from '../../src/notify/delivery-time.ts';
import { dueChanges } from '../../src/notify/due-changes.ts';
import { followIncidents } from '../../src/notify/follow-incidents.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = instant(100 * day);

const fact = (kind: IncidentFact['kind'], target?: string, text = 'text'): IncidentFact => ({
  ...{ kind, target, text, details: [], command: undefined, stage: 0, delayMs: 0 },
});

const incident = (id: number, { delayMs: _, ...of }: IncidentFact, opened = now - hour, closed?: number): Incident => ({
  ...of,
  ...{
    id,
    isPending: false,
    worsened: undefined,
    opened: instant(opened),
    closed: closed === undefined ? undefined : instant(closed),
  },
});

describe('followIncidents', () => {
  const known = incident(1, fact('held', 'crm'));
  test.each([
    ['a new fact opens an incident', [], [fact('held', 'crm')], false, { opened: 1, revised: 0, closed: 0 }],
    ['the same fact changes nothing', [known], [fact('held', 'crm')], false, { opened: 0, revised: 0, closed: 0 }],
    ['another text revises it', [known], [fact('held', 'crm', 'new')], false, { opened: 0, revised: 1, closed: 0 }],
    [
      'another target is another incident',
      [known],
      [fact('held', 'wiki')],
      false,
      { opened: 1, revised: 0, closed: 1 },
    ],
    [
      'another kind is another incident',
      [known],
      [fact('failing', 'crm')],
      false,
      { opened: 1, revised: 0, closed: 1 },
    ],
    ['a vanished fact closes it', [known], [], false, { opened: 0, revised: 0, closed: 1 }],
    ['what is not known now stays open', [known], [], true, { opened: 0, revised: 0, closed: 0 }],
  ])('%s', (_, open, present, isUnknown, expected) => {
    const { opened, revised, closed } = followIncidents(open, { present, isUnknown: () => isUnknown }, now);
    expect({ opened: opened.length, revised: revised.length, closed: closed.length }).toEqual(expected);
  });

  const failing = { ...fact('failing', 'crm'), delayMs: hour };
  const seen = (ago: number): Incident => ({ ...incident(1, failing, now - ago), isPending: true });
  test.each([
    ['is pending at first', [], [failing], ['pending']],
    ['stays pending', [seen(hour - 1)], [failing], []],
    ['is an incident once it has lasted', [seen(hour)], [failing], ['confirmed']],
    ['was none if it ends before', [seen(hour)], [], ['dropped']],
    ['is not confirmed twice', [incident(1, failing, 0)], [failing], []],
    ['begins at once without a delay', [], [fact('failing', 'crm')], ['opened']],
  ])('what is reported after some time %s', (_, open, present, expected) => {
    const changes = followIncidents(open, { present, isUnknown: () => false }, now);
    expect([
      ...changes.opened.map(({ isPending }) => (isPending ? 'pending' : 'opened')),
      ...(['confirmed', 'revised', 'closed', 'dropped'] as const).flatMap((kind) => changes[kind].map(() => kind)),
    ]).toEqual(expected);
  });

  test.each([
    [0, 0, []],
    [0, 1, [true]],
    [1, 0, [false]],
    [1, 2, [true]],
  ])('stage %i becomes %i', (before, stage, expected) => {
    const open = { ...incident(1, fact('expires', 'crm')), stage: before };
    const facts = { present: [{ ...fact('expires', 'crm'), stage }], isUnknown: () => false };
    expect(followIncidents([open], facts, now).revised.map(({ isWorse }) => isWorse)).toEqual(expected);
  });
});

const rules = (changes: Partial<ChannelRules> = {}): ChannelRules => ({
  ...{ name: 'chat', events: undefined, targets: undefined, detail: 'counts', digest: undefined, perHour: 2 },
  ...changes,
});

const stateOf = (incidents: readonly Incident[], reported: readonly Reported[] = [], since = 0): NotificationState => ({
  ...{ incidents, reported },
  channels: [{ channel: 'chat', since: instant(since), digestAt: undefined, failure: undefined }],
});

const accepted = (id: number, change: Reported['change'], at = now - hour / 2, channel = 'chat'): Reported => ({
  ...{ incident: id, change, channel, at: instant(at) },
});

describe('dueChanges', () => {
  const lasts = incident(1, fact('held', 'crm'));
  const worse = { ...lasts, stage: 1, worsened: instant(now - 2) };
  const over = incident(2, fact('held', 'crm'), now - 2 * hour, now - hour);
  test.each<[string, ChannelRules, NotificationState, readonly string[]]>([
    ['what lasts', rules(), stateOf([lasts]), ['1 opened']],
    ['not twice', rules(), stateOf([lasts], [accepted(1, 'opened')]), []],
    ['what another channel accepted', rules(), stateOf([lasts], [accepted(1, 'opened', 1, 'mail')]), ['1 opened']],
    ['the end', rules(), stateOf([over], [accepted(2, 'opened')]), ['2 closed']],
    ['begin and end of what was never reported', rules(), stateOf([over]), ['2 opened', '2 closed']],
    ['nothing of a time before the channel', rules(), stateOf([over], [], now), []],
    ['what lasts, although it began before the channel', rules(), stateOf([lasts], [], now), ['1 opened']],
    ['no old end', rules(), stateOf([incident(3, fact('held'), 0, now - 4 * day)]), []],
    ['nothing that may pass by itself', rules(), stateOf([{ ...lasts, isPending: true }]), []],
    ['that it became worse', rules(), stateOf([worse], [accepted(1, 'opened', now - 3)]), ['1 worsened']],
    ['the begin as it is now', rules(), stateOf([worse]), ['1 opened']],
    ['nothing after a begin that was worse', rules(), stateOf([worse], [accepted(1, 'opened', now - 1)]), []],
    [
      'that it became worse again',
      rules(),
      stateOf([worse], [accepted(1, 'opened', now - 9), accepted(1, 'worsened', now - 3)]),
      ['1 worsened'],
    ],
    [
      'not twice that it became worse',
      rules(),
      stateOf([worse], [accepted(1, 'opened', now - 9), accepted(1, 'worsened', now - 1)]),
      [],
    ],
    [
      'only the end of what became worse',
      rules(),
      stateOf([{ ...worse, closed: now }], [accepted(1, 'opened', now - 9)]),
      ['1 closed'],
    ],
    ['nothing but a digest', rules({ events: [] }), stateOf([lasts]), []],
    ['by event', rules({ events: ['stale'] }), stateOf([lasts]), []],
    ['by target', rules({ targets: ['wiki'] }), stateOf([lasts]), []],
    ['sources for each channel', rules({ targets: ['wiki'] }), stateOf([incident(4, fact('refused'))]), ['4 opened']],
  ])('%s', (_, channel, state, expected) => {
    const due = dueChanges(channel, state, now).map(({ incident: { id }, change }) => `${id} ${change}`);
    expect(due).toEqual(expected);
  });
});

describe('deliveryTime', () => {
  test.each([
    ['nothing sent', [], 0],
    ['fewer than the limit in the last hour', [accepted(1, 'opened', now - 10)], 0],
    ['changes of one notification count once', [accepted(1, 'opened', now - 10), accepted(2, 'opened', now - 10)], 0],
    ['the limit is reached', [accepted(1, 'opened', now - 10), accepted(2, 'opened', now - 5)], now - 10 + hour],
    ['longer ago', [accepted(1, 'opened', now - hour), accepted(2, 'opened', now - 5)], 0],
  ])('%s', (_, reported, expected) => {
    expect(deliveryTime(rules(), stateOf([], reported), now)).toBe(expected);
  });

  test('the pauses after failures grow from a minute to an hour, and count', () => {
    let failure = failureAfter(undefined, 'no', now);
    const pauses = [failure.nextTry - now];
    for (let tries = 0; tries < 8; tries += 1) {
      failure = failureAfter(failure, 'no', now);
      pauses.push(failure.nextTry - now);
    }
    expect(pauses.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(
      deliveryTime(
        rules(),
        { ...stateOf([]), channels: [{ channel: 'chat', since: now, digestAt: undefined, failure }] },
        now,
      ),
    ).toBe(now + hour);
  });
});
