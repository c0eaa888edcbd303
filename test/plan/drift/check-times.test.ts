import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant, type Instant } from '../../../src/model/ids.ts';
import type { DriftPosition } from '../../../src/model/target/drift.ts';
import { dayMs, minuteMs } from '../../../src/model/time.ts';
import { afterSlice, newPosition, planSlice } from '../../../src/plan/drift/check-times.ts';

const now = instant(Date.UTC(2026, 0, 5));
const ago = (milliseconds: number): Instant => instant(now - milliseconds);
const hourMs = 60 * minuteMs;
const schedule = { requestsPerHour: 600, everyDays: 7 };

/** A check that ended, with the leavers of this day. */
const ended = (startedAt: Instant, endedAt: Instant, leaversAt = ago(hourMs)): DriftPosition => ({
  ...{ ...newPosition(startedAt, undefined), phase: 'ended', endedAt },
  leavers: { startedAt: leaversAt, after: undefined },
});

describe('a slice', () => {
  test('of the first check may send a sixth of the requests of an hour', () => {
    expect(planSlice(schedule, undefined, false, now)).toMatchObject({ budget: 100, from: { phase: 'listUsers' } });
  });

  test('continues a check that has not ended', () => {
    const position = { ...newPosition(ago(dayMs), undefined), phase: 'readUsers', after: 77 } as const;
    expect(planSlice(schedule, position, false, now).from).toEqual(position);
  });

  test.each<[string, DriftPosition, boolean, boolean]>([
    ['nothing is due', ended(ago(2 * dayMs), ago(dayMs)), false, false],
    ['accounts were repaired', ended(ago(2 * dayMs), ago(dayMs)), true, true],
    ['the leavers are due', ended(ago(2 * dayMs), ago(dayMs), ago(dayMs)), false, true],
    ['the next check must begin to end in time', ended(ago(6 * dayMs), ago(5 * dayMs)), false, true],
    ['it must not begin yet', ended(ago(6 * dayMs - 1), ago(5 * dayMs)), false, false],
    ['the clock was ahead', ended(instant(now + dayMs), instant(now + dayMs)), false, true],
  ])('%s', (_, position, hasRepaired, isDue) => {
    const { budget, next } = planSlice(schedule, position, hasRepaired, now);
    expect(budget > 0).toBe(isDue);
    expect(next).toBeGreaterThan(now);
  });

  test('is paid: no hour has more requests than configured, whatever the slices send', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.tuple(fc.integer({ min: 1_000, max: 20 * minuteMs }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 60,
        }),
        (requestsPerHour, slices) => {
          let at = now;
          let position: DriftPosition | undefined;
          const sent: { readonly at: number; readonly requests: number }[] = [];
          for (const [pause, share] of slices) {
            at = instant(at + pause);
            const rate = { requestsPerHour, everyDays: 7 };
            const { budget, from } = planSlice(rate, position, true, at);
            const requests = Math.ceil(Math.max(0, budget) * share);
            sent.push({ at, requests });
            position = afterSlice(rate, from, requests, at);
          }
          for (const { at: end } of sent) {
            const inHour = sent.filter(({ at: time }) => time > end - hourMs && time <= end);
            const total = inHour.reduce((sum, { requests }) => sum + requests, 0);
            expect(total).toBeLessThanOrEqual(Math.max(requestsPerHour, 1));
          }
        },
      ),
      { seed: 4711, numRuns: 200 },
    );
  });
});
