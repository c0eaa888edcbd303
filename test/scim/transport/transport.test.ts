import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import { toResponse } from '../../../src/scim/transport/message.ts';
import { createTarget, type Target } from '../../../src/scim/target.ts';
import { operationContext, create, hurriedClock, never, profile, remove, secret, target, update } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

const ok: Scripted = { status: 200, body: { id: 'id-ada' } };
const edit = (key = 'ada') => operationContext(update(key, [['title', 'x', 'y']]));
const hasty = (after: string | undefined): Scripted => ({
  status: 429,
  headers: after === undefined ? {} : { 'Retry-After': after },
});

const known = { remoteId: remoteId('id-ada'), body: { userName: 'ada' } };

describe('429', () => {
  test.each<[string | undefined, number]>([
    ['7', 7000],
    ['0', 750],
    [undefined, 750],
  ])('Retry-After %p: the next request waits for %i ms', async (after, wait) => {
    await using server = await scriptedServer((_, number) => (number === 1 ? hasty(after) : ok));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    const { outcome, requests, retries } = await app.perform(edit(), never);
    expect(outcome).toMatchObject({ kind: 'done' });
    expect({ requests, retries }).toEqual({ requests: 2, retries: 1 });
    expect(Math.max(...clock.waits)).toBeGreaterThanOrEqual(wait - 5);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(wait);
  });

  test('pauses all requests', async () => {
    await using server = await scriptedServer((_, number) => (number === 1 ? hasty('60') : ok));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    const began = clock.now();
    await app.perform(edit(), never);
    const other = await app.perform(edit('bob'), never);
    expect((other.sentAt ?? 0) - began).toBeGreaterThanOrEqual(60_000);
  });

  test('is not a failed attempt: each of twelve in a row doubles the wait', async () => {
    await using server = await scriptedServer((_, number) => (number <= 12 ? hasty(undefined) : ok));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    expect((await app.perform(edit(), never)).outcome).toMatchObject({ kind: 'done' });
    expect(
      clock.waits
        .map(Math.round)
        .filter((wait) => wait > 100)
        .slice(0, 5),
    ).toEqual([750, 1500, 3000, 6000, 12_000].map((wait) => expect.closeTo(wait, -1)));
  });

  test('after a success, the wait is the initial one again', async () => {
    await using server = await scriptedServer((_, number) => (number === 1 || number === 3 ? hasty(undefined) : ok));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    await app.perform(edit(), never);
    await app.perform(edit(), never);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(750);
    expect(server.seen).toHaveLength(4);
  });

  test('responses to concurrent requests cause one pause', async () => {
    const arrived: (() => void)[] = [];
    const clock = hurriedClock();
    const sent: number[] = [];
    const together = createTarget(
      {
        name: 'app',
        url: 'http://127.0.0.1:9',
        profile: profile(),
        auth: { type: 'none' },
        timeoutMs: 1000,
        version: '1',
      },
      {
        clock,
        random: () => 0.5,
        // All four requests are sent before the first response.
        send: async () => {
          sent.push(clock.now());
          if (sent.length > 4) return toResponse(200, {}, '{}');
          if (sent.length === 4) for (const go of arrived) go();
          else await new Promise<void>((done) => arrived.push(done));
          return toResponse(429, {}, '');
        },
      },
    );
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => together.perform(edit(key), never)));
    expect(sent).toHaveLength(8);
    expect((sent[4] ?? 0) - (sent[3] ?? 0)).toBeLessThan(760);
    together.close();
  });

  test('any other response ends the five minutes', async () => {
    await using server = await scriptedServer((_, number) => (number % 2 === 1 ? hasty('200') : ok));
    using app = target(server.url);
    for (let i = 0; i < 8; i += 1) expect((await app.perform(edit(), never)).outcome.kind).toBe('done');
  });

  test.each([
    ['for ever', 'PATCH', 40],
    ['to writes, while reads are answered', 'PATCH', 40],
  ])('a short Retry-After %s: unavailable after a number of pauses', async (what, method, pauses) => {
    const isToAll = what === 'for ever';
    await using server = await scriptedServer((request) =>
      isToAll || request.method !== 'GET' ? hasty('1') : { body: { id: 'id-ada', active: true } },
    );
    using app = target(server.url);
    const running = app.perform(edit(), never);
    if (!isToAll) while (app.unavailableReason === undefined) await app.isThere(known, [], never);
    expect((await running).outcome).toMatchObject({ kind: 'unavailable', status: 429 });
    expect(app.unavailableReason).toMatch(/every write with 429 .* 40 pauses/);
    expect(server.seen.filter((one) => one.method === method)).toHaveLength(pauses);
  });

  test('no other response for five minutes: unavailable, without further requests', async () => {
    await using server = await scriptedServer(() => hasty('60'));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    const began = clock.now();
    expect((await app.perform(edit(), never)).outcome).toMatchObject({ kind: 'unavailable', status: 429 });
    expect(clock.now() - began).toBeGreaterThan(300_000);
    expect(clock.now() - began).toBeLessThan(400_000);
    expect(app.unavailableReason).toMatch(
      /app receives no more requests in this pass: it has answered every write with 429 .* for 6 min/,
    );
    const before = server.seen.length;
    expect(await app.perform(edit(), never)).toMatchObject({
      outcome: { kind: 'unavailable', detail: app.unavailableReason },
      requests: 0,
    });
    expect(server.seen).toHaveLength(before);
  });

  test.each([
    ['3600', '1 h'],
    ['9'.repeat(400), 'a year or more'],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 'a year or more'],
  ])('a Retry-After of %s, beyond the limit of a pass', async (field, text) => {
    await using server = await scriptedServer(() => hasty(field));
    using app = target(server.url);
    expect((await app.perform(edit(), never)).outcome).toMatchObject({ kind: 'unavailable', status: 429 });
    expect(app.unavailableReason).toContain(`pause of ${text} (Retry-After)`);
    expect(server.seen).toHaveLength(1);
  });

  test('503 with Retry-After also pauses all requests, and counts as an attempt', async () => {
    await using server = await scriptedServer(() => ({ status: 503, headers: { 'Retry-After': '30' } }));
    const clock = hurriedClock();
    using app = target(server.url, {}, clock);
    const { outcome, requests } = await app.perform(edit(), never);
    expect(outcome).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(requests).toBe(5);
    expect(clock.waits.filter((wait) => wait > 25_000)).toHaveLength(4);
  });
});

describe('a target in doubt', () => {
  const failing =
    (failed: Scripted | 'drop', plain: Scripted | 'drop'): Script =>
    ({ method }) =>
      method === 'GET' ? plain : failed;
  const several = async (app: Target, count: number): Promise<readonly string[]> => {
    const kinds: string[] = [];
    for (let i = 0; i < count; i += 1)
      kinds.push((await app.perform(operationContext(remove(`k${i}`)), never)).outcome.kind);
    return kinds;
  };

  test('down: unavailable after three failures', async () => {
    await using server = await scriptedServer(failing(refusal(503), refusal(503)));
    using app = target(server.url);
    expect(await several(app, 5)).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable', 'unavailable']);
    expect(app.unavailableReason).toMatch(
      /several operations in a row failed, and so did a GET of one user \(503: no\)/,
    );
    expect(server.seen).toHaveLength(16);
  });

  test('not reachable at all', async () => {
    using app = target('http://127.0.0.1:9');
    expect(await several(app, 4)).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable']);
    expect(app.unavailableReason).toMatch(/ECONNREFUSED/);
    expect(app.counters.requests).toBe(16);
  });

  test('reachable, and it fails for a few records', async () => {
    await using server = await scriptedServer(failing(refusal(500), page([])));
    using app = target(server.url);
    await several(app, 7);
    expect(app.unavailableReason).toBeUndefined();
    expect(server.lines().filter((line) => line === 'GET /Users?startIndex=1&count=1')).toHaveLength(2);
  });

  test('a success between failures resets the count', async () => {
    await using server = await scriptedServer(({ url }) => (url.endsWith('k2') ? { status: 204 } : refusal(500)));
    using app = target(server.url);
    await several(app, 5);
    expect(server.lines()).not.toContain('GET /Users?startIndex=1&count=1');
  });

  test.each([401, 403])('%i five times and to a simple GET as well', async (status) => {
    await using server = await scriptedServer(() => refusal(status));
    using app = target(server.url);
    expect(await several(app, 6)).toEqual(['rejected', 'rejected', 'rejected', 'rejected', 'rejected', 'unavailable']);
    expect(app.unavailableReason).toMatch(
      new RegExp(`refused the credentials several times in a row \\(${status}: no\\); check "auth"`),
    );
  });

  test('403 for one method only', async () => {
    await using server = await scriptedServer(({ method }) => (method === 'DELETE' ? refusal(403) : page([])));
    using app = target(server.url);
    await several(app, 12);
    expect(app.unavailableReason).toBeUndefined();
  });
});

describe('a target that answers reads and no write', () => {
  const removals = async (app: Target, count: number): Promise<void> => {
    for (let number = 0; number < count; number += 1) await app.perform(operationContext(remove(`k${number}`)), never);
  };
  const writesOf = (lines: readonly string[]): number => lines.filter((line) => !line.startsWith('GET')).length;

  test('receives no more requests after nine writes of three operations', async () => {
    await using server = await scriptedServer(({ method }) => (method === 'GET' ? page([]) : 'drop'));
    using app = target(server.url);
    await removals(app, 30);
    expect(app.unavailableReason).toMatch(/answered no write of the last \d+, which 3 operations sent/);
    expect(writesOf(server.lines())).toBe(11);
  });

  test('one write that is answered, even refused, starts the count again', async () => {
    await using server = await scriptedServer(({ method, url }) =>
      method === 'GET' ? page([]) : /k\d*[02468]$/.test(url) ? refusal(400) : 'drop',
    );
    using app = target(server.url);
    await removals(app, 12);
    expect(app.unavailableReason).toBeUndefined();
  });

  test('one record that ends every connection does not stop the target', async () => {
    await using server = await scriptedServer(({ method }) => (method === 'GET' ? page([]) : 'drop'));
    using app = target(server.url);
    for (let turn = 0; turn < 2; turn += 1) await app.perform(operationContext(remove('k0')), never);
    expect(app.unavailableReason).toBeUndefined();
  });
});

describe('stopping', () => {
  test('unsent operations are skipped', async () => {
    await using server = await scriptedServer(() => ok);
    using app = target(server.url);
    expect(await app.perform(edit(), AbortSignal.abort())).toMatchObject({ outcome: { kind: 'skipped' }, requests: 0 });
    expect(server.seen).toHaveLength(0);
  });

  test('requests in flight are finished and not retried', async () => {
    const stop = new AbortController();
    await using server = await scriptedServer(() => {
      stop.abort();
      return refusal(503);
    });
    using app = target(server.url);
    expect(await app.perform(edit(), stop.signal)).toMatchObject({
      outcome: { kind: 'unavailable', status: 503 },
      requests: 1,
    });
  });

  test('a create without a response is unknown', async () => {
    const stop = new AbortController();
    await using server = await scriptedServer(() => {
      stop.abort();
      return 'drop';
    });
    using app = target(server.url);
    expect((await app.perform(operationContext(create('ada')), stop.signal)).outcome).toMatchObject({
      kind: 'unknown',
    });
    expect(server.lines()).toEqual(['POST /Users']);
  });

  test('closing aborts requests in flight', async () => {
    await using server = await scriptedServer(() => {
      setImmediate(() => app.close());
      return 'hang';
    });
    const app = target(server.url);
    const { outcome } = await app.perform(edit(), never);
    expect(outcome.kind).toBe('unknown');
  });
});

describe('credentials', () => {
  test('are not in the detail of a rejection', async () => {
    await using server = await scriptedServer(({ headers }) =>
      refusal(400, undefined, `wrong token ${String(headers.authorization)}`),
    );
    using app = target(server.url);
    const { outcome } = await app.perform(edit(), never);
    expect(outcome).toMatchObject({
      kind: 'rejected',
      detail: '400: wrong token Bearer ••• (the request changes title)',
    });
  });

  test('an expired token is renewed once for all requests', async () => {
    let tokens = 0;
    await using server = await scriptedServer((request) => {
      if (request.url === '/token') return { body: { access_token: `token-${(tokens += 1)}`, expires_in: 3600 } };
      return request.headers.authorization === 'Bearer token-2' ? ok : refusal(401);
    });
    const app = createTarget(
      {
        name: 'app',
        url: server.url,
        profile: profile(),
        timeoutMs: 1000,
        version: '1',
        auth: { type: 'oauth2', tokenUrl: `${server.url}/token`, clientId: 'me', clientSecret: secret('s') },
      },
      { clock: hurriedClock(), random: () => 0.5 },
    );
    const all = await Promise.all(['a', 'b', 'c'].map((key) => app.perform(edit(key), never)));
    expect(all.map(({ outcome }) => outcome.kind)).toEqual(['done', 'done', 'done']);
    expect(tokens).toBe(2);
    app.close();
  });

  test('new tokens that are rejected too are requested a limited number of times', async () => {
    await using server = await scriptedServer(({ url }) =>
      url === '/token' ? { body: { access_token: 'x', expires_in: 3600 } } : refusal(401),
    );
    const app = createTarget(
      {
        name: 'app',
        url: server.url,
        profile: profile(),
        timeoutMs: 1000,
        version: '1',
        auth: { type: 'oauth2', tokenUrl: `${server.url}/token`, clientId: 'me', clientSecret: secret('s') },
      },
      { clock: hurriedClock(), random: () => 0.5 },
    );
    expect((await app.perform(edit(), never)).outcome).toMatchObject({ kind: 'rejected', status: 401 });
    expect(server.lines()).toEqual(['POST /token', 'PATCH /Users/id-ada', 'POST /token', 'PATCH /Users/id-ada']);
    app.close();
  });

  test('without a token, operations fail at once, and the target becomes unavailable', async () => {
    await using server = await scriptedServer(() => refusal(400, undefined, 'unknown client'));
    const app = createTarget(
      {
        name: 'app',
        url: server.url,
        profile: profile(),
        timeoutMs: 1000,
        version: '1',
        auth: { type: 'oauth2', tokenUrl: `${server.url}/token`, clientId: 'me', clientSecret: secret('s') },
      },
      { clock: hurriedClock(), random: () => 0.5 },
    );
    expect((await app.perform(edit(), never)).outcome).toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('unknown client'),
    });
    expect(server.lines().every((line) => line === 'POST /token')).toBe(true);
    app.close();
  });
});
