import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { retryAfterMs, retryDelay } from '../../../src/scim/transport/retry.ts';

describe('retry', () => {
  test.each([
    ['retry', 1, 0, { wait: 0 }],
    ['retry', 1, 0.5, { wait: 250 }],
    ['retry', 2, 0.5, { wait: 500 }],
    ['retry', 4, 0.5, { wait: 2000 }],
    ['retry', 5, 0.5, 'stop'],
    ['rateLimited', 1, 0, { wait: 500 }],
    ['rateLimited', 1, 0.5, { wait: 750 }],
    ['rateLimited', 5, 0, { wait: 8000 }],
    ['rateLimited', 50, 0.999999, { wait: 60_000 }],
    ['rejected', 1, 0.5, 'stop'],
    ['accept', 1, 0.5, 'stop'],
    ['denied', 1, 0.5, 'stop'],
    ['conflict', 1, 0.5, 'stop'],
    ['notAttempted', 1, 0.5, 'stop'],
  ] as const)('%s, attempt %i, chance %d', (decision, attempt, chance, expected) => {
    expect(retryDelay(decision, attempt, () => chance)).toEqual(expected);
  });
});

describe('Retry-After', () => {
  const now = instant(Date.parse('2026-03-01T12:00:00Z'));
  test.each([
    ['30', undefined, 30_000],
    [' 1 ', undefined, 1000],
    ['0.5', undefined, 500],
    ['31535999', undefined, 31_535_999_000],
    ['9'.repeat(400), undefined, 31_536_000_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', undefined, 31_536_000_000],
    ['0', undefined, undefined],
    ['-5', undefined, undefined],
    ['soon', undefined, undefined],
    ['2 minutes', undefined, undefined],
    [undefined, undefined, undefined],
    ['Sun, 01 Mar 2026 12:00:20 GMT', undefined, 20_000],
    ['Sunday, 01-Mar-26 12:00:20 GMT', undefined, 20_000],
    ['Sun, 01 Mar 2026 11:59:00 GMT', undefined, undefined],
    // Our clock is five minutes behind the server's.
    ['Sun, 01 Mar 2026 12:05:20 GMT', 'Sun, 01 Mar 2026 12:05:00 GMT', 20_000],
  ])('%p at %p', (text, date, expected) => {
    expect(
      retryAfterMs(
        {
          headers: { ...(text === undefined ? {} : { 'retry-after': text }), ...(date === undefined ? {} : { date }) },
        },
        now,
      ),
    ).toBe(expected);
  });
});
