import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../src/model/ids.ts';
import { limitPerSecond } from '../../src/sandbox/http/rate-limit.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { realClock, startTestSandbox } from './test-sandbox.ts';
import { maxInAnySecond } from './times.ts';

describe('a sliding window', () => {
  test('accepts at most its limit in any second, and accepts as soon as possible', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), gaps, (limit, pauses) => {
        const limiter = limitPerSecond(limit);
        const accepted: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          const acceptedInLastSecond = accepted.filter((at) => at > now - 1000).length;
          const wait = limiter(now);
          expect(wait <= 0).toBe(acceptedInLastSecond < limit);
          if (wait <= 0) accepted.push(now);
          else expect(accepted.filter((at) => at > now + wait - 1000).length).toBeLessThan(limit);
        }
        expect(maxInAnySecond(accepted)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('below one request per second, requests are seconds apart', () => {
    const limiter = limitPerSecond(0.5);
    expect([0, 1999, 2000, 3999, 4000].map((now) => limiter(now) <= 0)).toEqual([true, false, true, false, true]);
  });
});

describe('a sandbox with a rate limit', () => {
  test('accepts R requests in any second and refuses the others with 429', async () => {
    const clock = createSkippingClock();
    const { sandbox, call } = await startTestSandbox({ clock, requestsPerSecond: 20 });
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(Array.from({ length: 8 }, () => call('GET', '/Users?count=0')));
      await clock.sleep(50);
    }
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

  test('does not count requests with wrong credentials', async () => {
    const { call } = await startTestSandbox({ requestsPerSecond: 1 });
    expect((await call('GET', '/Users', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await call('GET', '/Users')).status).toBe(200);
  });
});
