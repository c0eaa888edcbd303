import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cronSchedule, isCronExpression } from '../../src/daemon/schedule.ts';

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

describe('ticks', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.UTC(2026, 0, 5, 12) });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('follow the schedule, and end with the signal', async () => {
    const stop = new AbortController();
    const minutes: number[] = [];
    cronSchedule('*/15 * * * *', 'UTC')(() => minutes.push(new Date().getUTCMinutes()), stop.signal);
    await jest.advanceTimersByTimeAsync(50 * 60_000);
    expect(minutes).toEqual([15, 30, 45]);
    stop.abort();
    await jest.advanceTimersByTimeAsync(60 * 60_000);
    expect(minutes).toEqual([15, 30, 45]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('follow the time zone', async () => {
    const stop = new AbortController();
    const times: string[] = [];
    cronSchedule('0 14 * * *', 'Europe/Berlin')(() => times.push(new Date().toISOString()), stop.signal);
    await jest.advanceTimersByTimeAsync(24 * 3_600_000);
    stop.abort();
    expect(times).toEqual([expect.stringMatching(/^2026-01-05T13:00:00/)]);
  });
});
