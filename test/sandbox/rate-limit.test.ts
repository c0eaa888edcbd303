import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../src/model/ids.ts';
import { limitPerSecond } from '../../src/sandbox/http/rate-limit.ts';
import { realClock, startTestSandbox } from './test-sandbox.ts';

/** How many of these times lie in the fullest second, wherever it begins. */
function maxInAnySecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((begin) => times.filter((at) => at >= begin && at < begin + 1000).length));
}

describe('a sliding window', () => {
  test('never accepts more than its limit in any second, and always as soon as it may', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), gaps, (limit, pauses) => {
        const pace = limitPerSecond(limit);
        const accepted: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          const inTheLastSecond = accepted.filter((at) => at > now - 1000).length;
          const wait = pace(now);
          expect(wait <= 0).toBe(inTheLastSecond < limit);
          if (wait <= 0) accepted.push(now);
          else expect(accepted.filter((at) => at > now + wait - 1000).length).toBeLessThan(limit);
        }
        expect(maxInAnySecond(accepted)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('below one request a second, seconds pass between two', () => {
    const pace = limitPerSecond(0.5);
    expect([0, 1999, 2000, 3999, 4000].map((now) => pace(now) <= 0)).toEqual([true, false, true, false, true]);
  });
});

describe('a limited application', () => {
  test('accepts R in a second and answers 429 to the rest', async () => {
    const { sandbox, call } = await startTestSandbox({ requestsPerSecond: 20 });
    const until = Date.now() + 1500;
    while (Date.now() < until) await Promise.all(Array.from({ length: 8 }, () => call('GET', '/Users?count=0')));
    const accepted = sandbox.log.filter(({ status }) => status === 200).map(({ at }) => at);
    expect(sandbox.log.some(({ status }) => status === 429)).toBe(true);
    expect(maxInAnySecond(accepted)).toBeLessThanOrEqual(20);
    expect(accepted.length).toBeGreaterThan(20);
  });

  test.each<['seconds' | 'date' | 'none', number, string | null]>([
    ['seconds', 0, '1'],
    ['date', 0, 'Thu, 01 Jan 1970 00:00:11 GMT'],
    ['date', 500, 'Thu, 01 Jan 1970 00:00:12 GMT'],
    ['none', 0, null],
  ])('Retry-After as %s, %i ms into a second', async (retryAfter, offset, expected) => {
    const clock = { ...realClock, now: () => instant(10_000 + offset) };
    const { call } = await startTestSandbox({ requestsPerSecond: 1, retryAfter, clock });
    expect((await call('GET', '/Users')).status).toBe(200);
    const refused = await call('GET', '/Users');
    expect(refused).toMatchObject({ status: 429, body: { status: '429' } });
    expect(refused.headers.get('retry-after')).toBe(expected);
  });

  test('does not count requests of strangers', async () => {
    const { call } = await startTestSandbox({ requestsPerSecond: 1 });
    expect((await call('GET', '/Users', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await call('GET', '/Users')).status).toBe(200);
  });
});
