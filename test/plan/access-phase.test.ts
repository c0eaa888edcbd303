import { describe, expect, test } from '@jest/globals';
import { addDays } from '../../src/model/dates/zone.ts';
import { instant } from '../../src/model/ids.ts';
import { dayMs } from '../../src/model/time.ts';
import { accessPhase, accessTiming, boundarySpans, nextPhaseChange } from '../../src/plan/access-phase.ts';

const start = instant(Date.UTC(2026, 11, 1));
const end = instant(Date.UTC(2027, 0, 1));
const days = (count: number): number => count * dayMs;
const timing = accessTiming({ createDaysBefore: 7, activateDaysBefore: 1 }, { deactivateDaysAfter: 14 });
const onTime = accessTiming(undefined, {});

describe('the phase of a user with a start and an end', () => {
  const user = { active: true, validFrom: start, validTo: end };

  test.each([
    ['a moment before the account is created', start - days(7) - 1, 'notYet'],
    ['when it is created', start - days(7), 'waiting'],
    ['a moment before it is activated', start - days(1) - 1, 'waiting'],
    ['when it is activated', start - days(1), 'active'],
    ['on the last day', end - 1, 'active'],
    ['a moment before it is deactivated', end + days(14) - 1, 'active'],
    ['when it is deactivated', end + days(14), 'ended'],
  ] as const)('%s', (_, now, phase) => {
    expect(accessPhase(user, timing, instant(now))).toBe(phase);
  });

  test.each([
    [start - 1, 'notYet'],
    [start, 'active'],
    [end - 1, 'active'],
    [end, 'ended'],
  ] as const)('without a policy at %d', (now, phase) => {
    expect(accessPhase(user, onTime, instant(now))).toBe(phase);
  });

  test('is inactive on every day, where the source states it', () => {
    for (const now of [0, start, end])
      expect(accessPhase({ ...user, active: false }, timing, instant(now))).toBe('inactive');
  });
});

test('days are calendar days in the zone of the user, over a clock change', () => {
  // Starts on 2026-04-01 and ends on 2026-10-20, in Berlin. Clocks change on 03-29 and 10-25.
  const user = {
    active: true,
    validFrom: instant(Date.UTC(2026, 2, 31, 22)),
    validTo: instant(Date.UTC(2026, 9, 20, 22)),
  };
  const phases = (own: { readonly zone?: string }, zone: string | undefined, moments: readonly number[]): unknown =>
    moments.map((moment) =>
      accessPhase(
        { ...user, ...own },
        accessTiming({ createDaysBefore: 7, activateDaysBefore: 1 }, { deactivateDaysAfter: 7 }, { zone }),
        instant(moment),
      ),
    );
  const created = Date.UTC(2026, 2, 24, 23);
  const ended = Date.UTC(2026, 9, 27, 23);
  const moments = [created - 1, created, ended - 1, ended];
  expect(phases({}, 'Europe/Berlin', moments)).toEqual(['notYet', 'waiting', 'active', 'ended']);
  expect(phases({ zone: 'Europe/Berlin' }, 'Asia/Tokyo', moments)).toEqual(['notYet', 'waiting', 'active', 'ended']);
  expect(phases({}, 'UTC', moments)).toEqual(['waiting', 'waiting', 'ended', 'ended']);
  expect(phases({ zone: 'UTC' }, 'Europe/Berlin', moments)).toEqual(['waiting', 'waiting', 'ended', 'ended']);
});

test.each([
  ['no dates', {}, 'active'],
  ['an end before the start: the user did not come', { validFrom: start, validTo: instant(start - 1) }, 'ended'],
  ['an end at the start', { validFrom: start, validTo: start }, 'ended'],
  ['an end to come', { validTo: end }, 'active'],
] as const)('%s', (_, period, phase) => {
  expect(accessPhase({ active: true, ...period }, timing, instant(start - days(100)))).toBe(phase);
});

test('an account that is activated before it would be created is created then', () => {
  const early = accessTiming({ createDaysBefore: 0, activateDaysBefore: 3 }, {});
  expect(accessPhase({ active: true, validFrom: start }, early, instant(start - days(3)))).toBe('active');
});

test('an application that hides inactive accounts gets no waiting ones', () => {
  const hidden = accessTiming({ createDaysBefore: 7, activateDaysBefore: 1 }, {}, { canWait: false });
  expect(accessPhase({ active: true, validFrom: start }, hidden, instant(start - days(2)))).toBe('notYet');
});

test('the next change is the first one that has an effect', () => {
  const user = { active: true, validFrom: start, validTo: end };
  const next = (now: number): number | undefined => nextPhaseChange(user, timing, instant(now));
  expect(next(start - days(30))).toBe(start - days(7));
  expect(next(start - days(7))).toBe(start - days(1));
  expect(next(start)).toBe(end + days(14));
  expect(next(end + days(14))).toBeUndefined();
  expect(nextPhaseChange({ ...user, active: false }, timing, instant(0))).toBeUndefined();
});

test('a user whose phase changes between two plannings has a date in one of the spans', () => {
  const moments = [-8, -7, -6, -1, 0, 1, 30, 44, 45, 46].map((day) => start + days(day));
  const user = { active: true, validFrom: start, validTo: end };
  for (const [index, until] of moments.entries())
    for (const after of moments.slice(0, index)) {
      const changes = accessPhase(user, timing, instant(after)) !== accessPhase(user, timing, instant(until));
      const isSelected = boundarySpans(timing, instant(after), instant(until)).some(
        ({ limit, days, zone, after: from = -Infinity, until: to }) => {
          const at = addDays(user[limit], days, zone);
          return at > from && at <= to;
        },
      );
      expect({ after, until, isSelected }).toEqual({ after, until, isSelected: changes });
    }
});
