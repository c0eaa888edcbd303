import { describe, expect, test } from '@jest/globals';
import { watchClock } from '../../src/daemon/clock-steps.ts';
import { nextTick } from '../../src/daemon/next-tick.ts';
import { quarantineEnd } from '../../src/daemon/quarantine.ts';
import { cronPattern, cronSchedule, isCronExpression } from '../../src/daemon/schedule.ts';
import type { Clock } from '../../src/model/clock.ts';
import { instant } from '../../src/model/ids.ts';

test.each([
  ['*/15 * * * *', true],
  ['0 0 1 1 *', true],
  ['*/10 * * * * *', true],
  ['0 9 * * mon-fri', true],
  ['every 15 minutes', false],
  ['61 * * * *', false],
  ['', false],
])('"%s" is a cron expression: %s', (text, expected) => {
  expect(isCronExpression(text)).toBe(expected);
});

/** The first ticks after a moment, in UTC. */
function ticks(expression: string, zone: string, after: string, count: number): readonly string[] {
  const pattern = cronPattern(expression);
  const times: string[] = [];
  for (let at = nextTick(pattern, zone, instant(Date.parse(after))); at !== undefined && times.length < count;) {
    times.push(new Date(at).toISOString().slice(5, 19));
    at = nextTick(pattern, zone, at);
  }
  return times;
}

// Berlin: 2026-03-29, 02:00 is followed by 03:00; 2026-10-25, 03:00 by 02:00.
describe('the next tick', () => {
  test.each<[string, string, string, string, readonly string[]]>([
    ['in a zone', '0 14 * * *', 'Europe/Berlin', '2026-01-05T12:00Z', ['01-05T13:00:00', '01-06T13:00:00']],
    ['with seconds', '*/30 * * * * *', 'UTC', '2026-01-05T12:00Z', ['01-05T12:00:30', '01-05T12:01:00']],
    ['on weekdays', '0 9 * * mon-fri', 'UTC', '2026-01-09T09:00Z', ['01-12T09:00:00', '01-13T09:00:00']],
    ['on a leap day', '0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', ['02-29T00:00:00']],
    [
      'in the hour left out comes when that hour would have begun',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T02:00Z',
      ['03-29T01:00:00', '03-30T00:30:00'],
    ],
    [
      'of several in the hour left out comes once',
      '0,20,40 2 * * *',
      'Europe/Berlin',
      '2026-03-28T02:00Z',
      ['03-29T01:00:00', '03-30T00:00:00'],
    ],
    [
      'in the hour that repeats comes once',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T01:00Z',
      ['10-25T00:30:00', '10-26T01:30:00'],
    ],
    [
      'of every hour follows the clocks where an hour is left out',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:00Z',
      ['03-29T00:30:00', '03-29T01:00:00', '03-29T01:30:00'],
    ],
    [
      'of every hour follows the clocks where an hour repeats',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:45Z',
      ['10-25T00:00:00', '10-25T00:30:00', '10-25T01:00:00', '10-25T01:30:00', '10-25T02:00:00'],
    ],
    [
      'in a zone that changes by half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['10-03T15:30:00', '10-04T15:15:00'],
    ],
  ])('%s', (_, expression, zone, after, expected) => {
    expect(ticks(expression, zone, after, Math.max(expected.length, 1)).slice(0, expected.length)).toEqual(expected);
  });

  test('is undefined where no day matches', () => {
    const never = { ...cronPattern('0 0 1 1 *'), matches: () => false };
    expect(nextTick(never, 'UTC', instant(0))).toBeUndefined();
  });
});

/** A clock that a test sets: each sleep takes its time, and then the wall clock goes on by `steps`. */
function steppedClock(start: string, steps: readonly number[]) {
  let now = Date.parse(start);
  let elapsed = 0;
  const remaining = [...steps];
  const ended = new AbortController();
  const clock: Clock = {
    now: () => instant(now),
    async sleep(milliseconds) {
      await Promise.resolve();
      now += milliseconds;
      elapsed += milliseconds;
      const step = remaining.shift();
      if (step === undefined) ended.abort();
      ended.signal.throwIfAborted();
      now += step ?? 0;
    },
  };
  return { clock, elapsed: () => elapsed, stop: ended.signal };
}

const hour = 3_600_000;

describe('ticks', () => {
  async function ticksAt(expression: string, steps: readonly number[]): Promise<readonly string[]> {
    const times: string[] = [];
    const { clock, stop } = steppedClock('2026-01-05T12:00:00Z', steps);
    cronSchedule(expression, 'UTC', clock)(() => times.push(new Date(clock.now()).toISOString().slice(8, 19)), stop);
    await new Promise((resolve) => stop.addEventListener('abort', resolve));
    return times;
  }

  test('follow the schedule, and end with the signal', async () => {
    const steps = new Array<number>(300).fill(0);
    expect(await ticksAt('*/15 * * * *', steps)).toEqual(['05T12:15:00', '05T12:30:00', '05T12:45:00']);
  });

  test('that were missed during a suspension are caught up once', async () => {
    const steps = [0, 30 * hour, ...new Array<number>(90).fill(0)];
    expect(await ticksAt('*/15 * * * *', steps)).toEqual(['06T18:00:20', '06T18:15:00']);
  });

  test('continue after the clock went back', async () => {
    const steps = [...new Array<number>(91).fill(0), -48 * hour, ...new Array<number>(90).fill(0)];
    expect(await ticksAt('*/15 * * * *', steps)).toEqual(['05T12:15:00', '03T12:30:00']);
  });

  test('do not repeat after the clock went back by a second', async () => {
    const steps = [...new Array<number>(90).fill(0), -1_000, 0, 0, 0];
    expect(await ticksAt('*/15 * * * *', steps)).toEqual(['05T12:15:00']);
  });
});

test('steps of the wall clock are reported once', async () => {
  const steps: number[] = [];
  const { clock, elapsed, stop } = steppedClock('2026-01-05T12:00:00Z', [0, 500, hour, 0, -2 * hour, 0]);
  await watchClock(clock, elapsed, (step) => steps.push(step), stop);
  expect(steps).toEqual([hour + 500, -2 * hour]);
});

test.each([
  [1, undefined, 5],
  [2, undefined, 10],
  [3, undefined, 20],
  [7, undefined, 300],
  [99, undefined, 300],
  [1, 2, 5],
  [1, 290, 290],
  [3, 86_400, 3_600],
])('after failure %i, with a pause of %s s, the next try is in %i s', (failures, pause, expected) => {
  const now = instant(1_000_000);
  const pausedUntil = pause === undefined ? undefined : instant(now + pause * 1000);
  expect(quarantineEnd(now, failures, pausedUntil) - now).toBe(expected * 1000);
});
