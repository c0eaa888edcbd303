import { expect, test } from '@jest/globals';
import { missedPass, type PassTime } from '../../src/daemon/missed-pass.ts';
import { instant, type Instant } from '../../src/model/ids.ts';

const minute = 60_000;
/** Every 15 minutes. */
const nextTick = (after: Instant): Instant => instant((Math.floor(after / (15 * minute)) + 1) * 15 * minute);

const pass = (started: number, ended?: number, hasRead = true): PassTime => ({
  started: instant(started * minute),
  ended: ended === undefined ? undefined : instant(ended * minute),
  hasRead,
});

const overdue = (expected: number) => ({ expected: expected * minute, began: undefined });
const late = (expected: number, began: number) => ({ expected: expected * minute, began: began * minute });

test.each<[string, readonly PassTime[], number, boolean, unknown]>([
  ['before the first pass', [], 1000, false, undefined],
  ['before the next tick', [pass(0, 1)], 14, false, undefined],
  ['soon after it', [pass(0, 1)], 25, false, undefined],
  ['long after it', [pass(0, 1)], 26, false, overdue(15)],
  ['a pass that still reads', [pass(0, undefined, false)], 500, true, undefined],
  ['a pass that has read, with a busy target', [pass(0, undefined, true)], 500, true, overdue(15)],
  ['a pass whose process was killed', [pass(0, undefined, false)], 500, false, overdue(15)],
  ['passes on time', [pass(15, 16), pass(0, 1)], 20, false, undefined],
  ['a pass between two ticks, for a change', [pass(17, 18), pass(15, 16)], 20, false, undefined],
  ['a pass after a gap', [pass(600, 601), pass(0, 1)], 605, false, late(15, 600)],
  ['a pass after one that took long', [pass(600, 601), pass(0, 599)], 605, false, undefined],
  ['a pass beside one with a busy target', [pass(600, 601), pass(0, 700)], 605, false, undefined],
  ['a pass after one that was killed', [pass(600, 601), pass(0)], 605, false, undefined],
])('%s', (_, passes, now, isRunning, expected) => {
  expect(missedPass(passes, nextTick, { now: instant(now * minute), isRunning })).toEqual(expected);
});

test('a schedule that ends misses nothing', () => {
  expect(missedPass([pass(0, 1)], () => undefined, { now: instant(1e9), isRunning: false })).toBeUndefined();
});
