import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { Quota } from '../../../src/model/profile.ts';
import { createQuotas } from '../../../src/scim/transport/quotas.ts';
import { create, operationContext, hurriedClock, never, profile, secret } from '../fixtures.ts';
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
    const quotas = createQuotas(settings.profile.limits.quotas, clock);
    const open = () => createTarget({ ...settings, url: server.url }, { clock, random: () => 0.5, quotas });
    const app = open();
    const outcomes = [];
    for (const key of ['a', 'b', 'c']) outcomes.push((await app.perform(operationContext(create(key)), never)).outcome);
    app.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'unavailable']);
    expect(app.unavailableReason).toMatch(/it allows 2 requests about users \(POST\) in 1 h/);
    expect(server.lines()).toEqual(['POST /Users', 'POST /Users']);
    // The quota also applies to the next pass of the same process.
    const again = open();
    expect((await again.perform(operationContext(create('d')), never)).outcome.kind).toBe('unavailable');
    again.close();
    expect(server.lines()).toHaveLength(2);
  });
});
