import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { Quota } from '../../../src/model/profile.ts';
import { createQuotas } from '../../../src/scim/transport/quotas.ts';
import type { RequestCounts } from '../../../src/model/target/request-counts.ts';
import { create, operationContext, hurriedClock, never, profile, secret, type HurriedClock } from '../fixtures.ts';
import { createTarget } from '../../../src/scim/target.ts';
import { scriptedServer } from '../scripted-server.ts';

type Request = readonly ['GET' | 'POST' | 'PATCH', string];
const post: Request = ['POST', '/Users'];
const patch: Request = ['PATCH', '/Users/1'];
const read: Request = ['GET', '/Users/1'];
const group: Request = ['PATCH', '/Groups/1'];

/** When each request is granted, in seconds after the first: one after the other, or all at once. */
async function times(quotas: readonly Quota[], requests: readonly Request[]): Promise<readonly (number | string)[]> {
  const clock = hurriedClock();
  const opened = createQuotas(quotas, clock);
  const start = clock.now();
  const result: (number | string)[] = [];
  for (const [method, path] of requests) {
    const entered = await opened.acquire({ method, path }, never);
    result.push('tooLong' in entered ? entered.tooLong : (clock.now() - start) / 1000);
  }
  return result;
}

describe('quotas over longer periods', () => {
  test.each<[string, readonly Quota[], readonly Request[], readonly number[]]>([
    ['none', [], [post, post, post], [0, 0, 0]],
    ['two in ten seconds', [{ requests: 2, seconds: 10 }], [post, read, group, post, post], [0, 0, 10.5, 10.5, 21]],
    [
      'by method',
      [{ methods: ['POST'], requests: 1, seconds: 10 }],
      [post, read, read, patch, post],
      [0, 0, 0, 0, 10.5],
    ],
    ['by kind', [{ resourceType: 'User', requests: 1, seconds: 10 }], [post, group, group, patch], [0, 0, 0, 10.5]],
    [
      'by method and kind',
      [{ resourceType: 'User', methods: ['POST', 'PATCH'], requests: 1, seconds: 10 }],
      [read, group, post, read, patch],
      [0, 0, 0, 0, 10.5],
    ],
    [
      'the stricter of two',
      [
        { requests: 3, seconds: 5 },
        { resourceType: 'User', requests: 1, seconds: 20 },
      ],
      [post, group, group, group, post],
      [0, 0, 0, 5.5, 20.5],
    ],
    ['up to five minutes', [{ requests: 1, seconds: 299 }], [post, post], [0, 299.5]],
  ])('%s', async (_, quotas, requests, expected) => {
    expect(await times(quotas, requests)).toEqual(expected);
  });

  test('a wait longer than five minutes is refused', async () => {
    expect(
      await times([{ methods: ['POST'], resourceType: 'User', requests: 1, seconds: 3600 }], [post, read, post]),
    ).toEqual([
      0,
      0,
      expect.stringMatching(/^it allows 1 request about users \(POST\) in 1 h, and the next one is possible in 1 h/),
    ]);
  });

  test('a request counts from the time at which it was sent', async () => {
    const clock = hurriedClock();
    const quotas = createQuotas([{ requests: 1, seconds: 10 }], clock);
    const first = await quotas.acquire({ method: 'GET', path: '/Users' }, never);
    const start = clock.now();
    if ('markSent' in first) first.markSent(instant(start + 3000));
    await quotas.acquire({ method: 'GET', path: '/Users' }, never);
    expect(clock.now() - start).toBe(13_500);
  });

  test('requests are granted in the order of their arrival', async () => {
    const quotas = createQuotas([{ requests: 1, seconds: 10 }], hurriedClock());
    const order: string[] = [];
    const enter = async (name: string): Promise<void> => {
      await quotas.acquire({ method: 'GET', path: '/Users' }, never);
      order.push(name);
    };
    await Promise.all([enter('first'), enter('second'), enter('third')]);
    expect(order).toEqual(['first', 'second', 'third']);
  });

  test('a wait can be aborted', async () => {
    const quotas = createQuotas([{ requests: 1, seconds: 10 }], hurriedClock());
    const stop = new AbortController();
    await quotas.acquire({ method: 'GET', path: '/Users' }, stop.signal);
    stop.abort(new Error('enough'));
    await expect(quotas.acquire({ method: 'GET', path: '/Users' }, stop.signal)).rejects.toThrow('enough');
  });
});

/** What the state keeps of the requests, by interval. */
function countsInMemory(): RequestCounts & { readonly intervals: Map<number, number> } {
  const intervals = new Map<number, number>();
  return {
    intervals,
    since: (_, from) =>
      [...intervals]
        .filter(([start]) => start >= from)
        .sort(([a], [b]) => a - b)
        .map(([start, requests]) => ({ start: instant(start), requests })),
    async add(_, changes, oldest) {
      for (const { start, requests } of changes) intervals.set(start, (intervals.get(start) ?? 0) + requests);
      for (const start of intervals.keys()) if (start < oldest) intervals.delete(start);
    },
  };
}

describe('counts that outlast the process', () => {
  const quota: Quota = { requests: 3, seconds: 100 };
  const request = { method: 'GET', path: '/Users' } as const;

  /** The seconds at which `count` requests are granted, after the first. */
  async function granted(counts: RequestCounts, clock: HurriedClock, count: number, limit = quota) {
    const quotas = createQuotas([limit], clock, counts);
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) {
      await quotas.acquire(request, never);
      times.push(clock.now() / 1000);
    }
    return times;
  }

  test('no window has more requests than the quota, however many processes send', async () => {
    const counts = countsInMemory();
    const clock = hurriedClock();
    const times: number[] = [];
    for (let process = 0; process < 10; process += 1) {
      times.push(...(await granted(counts, clock, 2)));
      await clock.sleep(7777);
    }
    const windows = times.slice(quota.requests).map((time, index) => time - (times[index] ?? 0));
    expect(times).toHaveLength(20);
    expect(Math.min(...windows)).toBeGreaterThanOrEqual(quota.seconds);
    // Intervals cost at most one of a hundred, and the assumed delay.
    expect(Math.max(...windows)).toBeLessThan(quota.seconds + 10);
    expect(counts.intervals.size).toBeLessThanOrEqual(quota.requests + 1);
  });

  test('a smaller limit counts what was sent before', async () => {
    const counts = countsInMemory();
    const clock = hurriedClock();
    const [first = 0] = await granted(counts, clock, 3);
    const [next = 0] = await granted(counts, clock, 1, { ...quota, requests: 1 });
    expect(next - first).toBeGreaterThanOrEqual(quota.seconds);
  });

  test('a request that other limits delay counts from the time at which it was sent', async () => {
    const counts = countsInMemory();
    const clock = hurriedClock();
    const lease = await createQuotas([quota], clock, counts).acquire(request, never);
    const start = clock.now();
    if ('markSent' in lease) lease.markSent(instant(start + 30_000));
    await new Promise((done) => setImmediate(done));
    const sum = [...counts.intervals.values()].reduce((total, requests) => total + requests, 0);
    expect([sum, counts.intervals.get(start + 30_000)]).toEqual([1, 1]);
  });

  test('a request whose count cannot be stored is not sent', async () => {
    const failing = { ...countsInMemory(), add: () => Promise.reject(new Error('disk full')) };
    await expect(createQuotas([quota], hurriedClock(), failing).acquire(request, never)).rejects.toThrow('disk full');
  });
});

describe('a target with a quota of two users an hour', () => {
  const settings = {
    name: 'app',
    profile: profile({ limits: { quotas: [{ methods: ['POST'], resourceType: 'User', requests: 2, seconds: 3600 }] } }),
    auth: { type: 'bearer', token: secret('t') },
    timeoutMs: 2000,
    version: '1',
  } as const;

  test('receives two, and no more requests in this pass', async () => {
    await using server = await scriptedServer(() => ({ status: 201, body: { id: `x${Math.random()}` } }));
    const clock = hurriedClock();
    const requestCounts = countsInMemory();
    const open = () => createTarget({ ...settings, url: server.url }, { clock, random: () => 0.5, requestCounts });
    const app = open();
    const outcomes = [];
    for (const key of ['a', 'b', 'c']) outcomes.push((await app.perform(operationContext(create(key)), never)).outcome);
    app.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'unavailable']);
    expect(app.unavailableReason).toMatch(/it allows 2 requests about users \(POST\) in 1 h/);
    expect(server.lines()).toEqual(['POST /Users', 'POST /Users']);
    // The quota also applies to the next pass, in this process or in another one.
    const again = open();
    expect((await again.perform(operationContext(create('d')), never)).outcome.kind).toBe('unavailable');
    again.close();
    expect(server.lines()).toHaveLength(2);
  });
});
