import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { requestedPause } from '../../../src/scim/transport/rate-limit-fields.ts';
import { toResponse } from '../../../src/scim/transport/message.ts';
import { hurriedClock, never, operationContext, target, update } from '../fixtures.ts';
import { scriptedServer, type Scripted } from '../scripted-server.ts';

const now = instant(Date.parse('2026-03-01T12:00:00Z'));
const inThirtySeconds = String(now / 1000 + 30);
const rateLimit = (ms: number) => ({ ms, field: 'RateLimit' });

describe('the pause that a response asks for', () => {
  test.each([
    [200, {}, undefined],
    [200, { 'ratelimit-remaining': '3', 'ratelimit-reset': '30' }, undefined],
    [200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }, rateLimit(30_000)],
    [200, { 'ratelimit-remaining': '0' }, undefined],
    [200, { 'ratelimit-reset': '30' }, undefined],
    [429, { 'ratelimit-reset': '30' }, rateLimit(30_000)],
    [429, { 'ratelimit-remaining': '5', 'ratelimit-reset': '30' }, undefined],
    [429, { 'ratelimit-remaining': '0', 'ratelimit-reset': 'soon' }, undefined],
    [429, { 'ratelimit-remaining': '0', 'ratelimit-reset': '0' }, undefined],
    [
      429,
      { 'ratelimit-remaining': '0', 'ratelimit-reset': '30', 'retry-after': '7' },
      { ms: 7000, field: 'Retry-After' },
    ],
    [200, { 'ratelimit-remaining': '0;w=60', 'ratelimit-reset': '30;w=60' }, rateLimit(30_000)],
    [200, { ratelimit: '"burst";r=0;t=2, "day";r=0;t=40' }, rateLimit(40_000)],
    [200, { ratelimit: '"burst";r=1;t=2, "day";r=9;t=40' }, undefined],
    [200, { ratelimit: 'limit=10, remaining=0' }, undefined],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inThirtySeconds }, rateLimit(30_000)],
    [200, { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': inThirtySeconds }, rateLimit(30_000)],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 - 30) }, undefined],
    // The clock of the server is five minutes ahead.
    [
      200,
      {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(now / 1000 + 320),
        date: 'Sun, 01 Mar 2026 12:05:00 GMT',
      },
      rateLimit(20_000),
    ],
  ])('%i %j: %j', (status, headers, expected) => {
    expect(requestedPause(toResponse(status, headers, ''), now)).toEqual(expected);
  });
});

const edit = (key: string) => operationContext(update(key, [['title', 'x', 'y']]));
const withLimit = (status: number, remaining: number, reset: number): Scripted => ({
  status,
  body: { id: 'id-ada' },
  headers: { 'RateLimit-Limit': '10', 'RateLimit-Remaining': String(remaining), 'RateLimit-Reset': String(reset) },
});

describe('a target that shows its limit', () => {
  test('receives no request that would exceed it', async () => {
    await using server = await scriptedServer((_, number) => withLimit(200, number === 1 ? 0 : 9, 40));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    const first = await app.perform(edit('ada'), never);
    const second = await app.perform(edit('bob'), never);
    expect((second.sentAt ?? 0) - (first.sentAt ?? 0)).toBeGreaterThanOrEqual(40_000);
    expect(server.seen).toHaveLength(2);
  });

  test('429: the next request waits until the reset, not for the usual step', async () => {
    await using server = await scriptedServer((_, number) =>
      withLimit(number === 1 ? 429 : 200, number === 1 ? 0 : 9, 40),
    );
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    const { outcome, requests } = await app.perform(edit('ada'), never);
    expect(outcome.kind).toBe('done');
    expect(requests).toBe(2);
    expect(Math.max(...clock.waits)).toBe(40_000);
  });

  test.each([
    [3600, '1 h'],
    [Number.MAX_SAFE_INTEGER, 'a year or more'],
  ])('429 and a reset after %i s: unavailable in this pass', async (seconds, text) => {
    await using server = await scriptedServer(() => withLimit(429, 0, seconds));
    using app = target(server.url);
    expect((await app.perform(edit('ada'), never)).outcome).toMatchObject({ kind: 'unavailable', status: 429 });
    expect(app.unavailableReason).toContain(`pause of ${text} (RateLimit)`);
    expect(server.seen).toHaveLength(1);
  });

  test('a success with a reset after more than five minutes stops nothing', async () => {
    await using server = await scriptedServer(() => withLimit(200, 0, 3600));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    await app.perform(edit('ada'), never);
    expect((await app.perform(edit('bob'), never)).outcome.kind).toBe('done');
    expect(Math.max(0, ...clock.waits)).toBeLessThan(1000);
  });
});
