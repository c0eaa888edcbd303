import { expect, test } from '@jest/globals';
import { addDays } from '../../src/model/dates/zone.ts';
import { instant, type Instant } from '../../src/model/ids.ts';
import { dayMs } from '../../src/model/time.ts';
import { accessPhase, accessTiming } from '../../src/plan/access-phase.ts';
import { nextBoundary, type StoredDates, type TargetTiming } from '../../src/plan/next-boundary.ts';

const start = instant(Date.UTC(2026, 11, 1));
const day = (count: number): Instant => instant(start + count * dayMs);

const atOnce: TargetTiming = { name: 'crm', timing: accessTiming(undefined, {}), deleteAfterDays: undefined };
const shifted: TargetTiming = {
  name: 'erp',
  timing: accessTiming({ createDaysBefore: 7, activateDaysBefore: 1 }, { deactivateDaysAfter: 14 }),
  deleteAfterDays: 30,
};

function stored(dates: {
  readonly validFrom?: readonly Instant[];
  readonly validTo?: readonly Instant[];
  readonly freezes?: readonly Instant[];
  readonly inactive?: Readonly<Record<string, readonly Instant[]>>;
}): StoredDates {
  const earliest = (moments: readonly Instant[] = [], days: number, after: Instant): Instant | undefined =>
    moments
      .map((at) => addDays(at, days, 'UTC'))
      .toSorted((one, other) => one - other)
      .find((at) => at > after);
  return {
    validity: ({ limit, days }, after) => earliest(dates[limit], days, after),
    freezeEnd: (after) => earliest(dates.freezes, 0, after),
    rowChoice: () => undefined,
    inactiveSince: (target, { days }, after) => earliest(dates.inactive?.[target], days, after),
  };
}

test.each([
  ['no dates', [atOnce, shifted], {}, 0, undefined],
  ['a start', [atOnce], { validFrom: [day(5)] }, 0, 5],
  ['a start that has passed', [atOnce], { validFrom: [day(5)] }, 5, undefined],
  ['the create before a start', [atOnce, shifted], { validFrom: [day(20)] }, 0, 13],
  ['the activation before a start', [atOnce, shifted], { validFrom: [day(20)] }, 13, 19],
  ['the start itself, at another target', [atOnce, shifted], { validFrom: [day(20)] }, 19, 20],
  ['the end', [atOnce, shifted], { validTo: [day(3)] }, 0, 3],
  ['the end at a target that waits, though the date has passed', [shifted], { validTo: [day(3)] }, 10, 17],
  ['the earliest of several users', [atOnce], { validFrom: [day(9)], validTo: [day(8), day(4)] }, 0, 4],
  ['the end of a freeze', [atOnce], { freezes: [day(6)], validTo: [day(8)] }, 0, 6],
  ['the end of a freeze that has passed', [atOnce], { freezes: [day(6)] }, 6, undefined],
  ['a deletion', [atOnce, shifted], { inactive: { erp: [day(-3), day(-40)] } }, 0, 27],
  ['no deletion where accounts stay', [atOnce], { inactive: { crm: [day(-3)] } }, 0, undefined],
] as const)('%s', (_, targets, dates, after, expected) => {
  const boundary = nextBoundary(targets, stored(dates), day(after));
  expect(boundary).toBe(expected === undefined ? undefined : day(expected));
});

test('no phase of a user changes before the boundary', () => {
  const user = { active: true, validFrom: day(10), validTo: day(12) };
  const dates = stored({ validFrom: [user.validFrom], validTo: [user.validTo] });
  const phases = (at: Instant) => [atOnce, shifted].map(({ timing }) => accessPhase(user, timing, at));
  for (let after = 0; after < 30; after += 0.5) {
    const boundary = nextBoundary([atOnce, shifted], dates, day(after)) ?? day(60);
    expect(phases(instant(boundary - 1))).toEqual(phases(day(after)));
  }
});
