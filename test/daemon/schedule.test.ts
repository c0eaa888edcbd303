import { describe, expect, test } from '@jest/globals';
import { cronSchedule, isCronExpression } from '../../src/daemon/schedule.ts';

test.each([
  ['*/15 * * * *', true],
  ['0 0 1 1 *', true],
  ['*/10 * * * * *', true],
  ['0 9 * * mon-fri', true],
  ['every 15 minutes', false],
  ['61 * * * *', false],
  ['', false],
])('"%s" is a schedule: %s', (text, expected) => {
  expect(isCronExpression(text)).toBe(expected);
});

describe('ticks', () => {
  test('follow the schedule, and end with the stop', async () => {
    const stop = new AbortController();
    let ticks = 0;
    await new Promise<void>((resolve) => {
      cronSchedule('* * * * * *', 'UTC')(() => {
        ticks += 1;
        resolve();
      }, stop.signal);
    });
    stop.abort();
    const before = ticks;
    // Longer than the schedule's second: a tick that still comes would be seen.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(ticks).toBe(before);
  });
});
