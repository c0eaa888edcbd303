import { describe, expect, test } from '@jest/globals';
import type { Profile } from '../../../src/model/profile.ts';
import type { Listing } from '../../../src/scim/target.ts';
import { never, target } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

const row = (number: number) => ({ id: `u${number}`, userName: `user${number}` });
const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => row(from + index));

async function listAll(
  script: Script,
  listing: Profile['protocol']['listing'] = 'index',
): Promise<{ ids: string[]; end: Listing; lines: string[] }> {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol: { listing } });
  const ids: string[] = [];
  const pages = app.list('User', ['userName'], never);
  for (;;) {
    const step = await pages.next();
    if (step.done === true) return { ids, end: step.value, lines: server.lines() };
    ids.push(...step.value.map(({ remoteId }) => remoteId));
  }
}

/** A server that follows RFC 7644, with `all` users in pages of at most `most`. */
const honest =
  (all: number, most = 3): Script =>
  ({ url }) => {
    const query = new URL(url, 'http://x').searchParams;
    const from = Number(query.get('startIndex'));
    return page(rows(from, Math.max(0, Math.min(Number(query.get('count')), most, all - from + 1))), all);
  };

const scripted =
  (...answers: Scripted[]): Script =>
  (_, number) =>
    answers[Math.min(number, answers.length) - 1] ?? {};

describe('list', () => {
  test.each([
    [0, 1],
    [1, 2],
    [2, 2],
    [3, 2],
    [4, 2],
    [6, 3],
    [7, 3],
  ])('%i users of a conforming server', async (all, requests) => {
    const { ids, end, lines } = await listAll(honest(all));
    expect(ids).toEqual(rows(1, all).map(({ id }) => id));
    expect(end).toEqual({ complete: true, total: all, requests });
    expect(lines[0]).toBe('GET /Users?startIndex=1&count=3');
  });

  test('advances by the number of returned rows', async () => {
    const { ids, end, lines } = await listAll(honest(5, 2));
    expect(ids).toHaveLength(5);
    expect(end.complete).toBe(true);
    expect(lines).toEqual([1, 3, 5].map((from) => `GET /Users?startIndex=${from}&count=3`));
  });

  test.each<[string, Script, number, boolean, RegExp | undefined]>([
    [
      'totalResults counts the page only',
      scripted(page(rows(1, 3)), page(rows(4, 3)), page(rows(7, 2)), page([], 0)),
      8,
      false,
      /more followed/,
    ],
    ['totalResults is a text', scripted(page(rows(1, 2), '2'), page([], '2')), 2, true, undefined],
    [
      'totalResults is missing',
      scripted({ body: { Resources: rows(1, 3) } }, { body: { Resources: [] } }),
      3,
      false,
      /empty page came after 3 of an unknown number/,
    ],
    [
      'totalResults is only on the first page',
      scripted(page(rows(1, 3), 5), { body: { Resources: rows(4, 2) } }),
      5,
      true,
      undefined,
    ],
    [
      'keys in lower case',
      scripted({ body: { totalresults: 3, resources: rows(1, 3) } }, { body: { totalresults: 3, resources: [] } }),
      3,
      true,
      undefined,
    ],
    [
      'an empty page too early',
      scripted(page(rows(1, 3), 10), page([], 10)),
      3,
      false,
      /empty page came after 3 of 10/,
    ],
    ['startIndex is ignored', scripted(page(rows(1, 3), 10)), 3, false, /ignores startIndex/],
    ['all users on one page, for every startIndex', scripted(page(rows(1, 7), 7)), 7, true, undefined],
    [
      'the same user on two pages',
      scripted(page(rows(1, 3), 5), page([row(3), row(4)], 5)),
      4,
      false,
      /only 4 of 5 resources are distinct/,
    ],
    [
      'the same user twice on a page',
      scripted(page([row(1), row(1), row(2)], 3), page([], 3)),
      2,
      false,
      /only 2 of 3/,
    ],
    ['a row without id', scripted(page([row(1), { userName: 'x' }], 2), page([], 2)), 1, false, /no usable id/],
    ['the page after the end is a 400', scripted(page(rows(1, 3), 3), refusal(400)), 3, true, undefined],
    ['the page after the end is a 404', scripted(page(rows(1, 3), 3), refusal(404)), 3, true, undefined],
    ['a 400 too early', scripted(page(rows(1, 3), 5), refusal(400)), 3, false, /^400: no$/],
    ['a page has no response', scripted(page(rows(1, 3), 5), refusal(503)), 3, false, /^503: no$/],
    ['denied', scripted(refusal(403)), 0, false, /^403: no$/],
    ['Resources is no list', scripted({ body: { totalResults: 1, Resources: 'nope' } }), 0, false, /not with a list/],
    ['a wrong tenant', scripted({ body: {} }), 0, false, /not with a list/],
    ['a web page', scripted({ body: '<html>log in</html>' }), 0, false, /web page/],
    ['it shrinks meanwhile', scripted(page(rows(1, 3), 6), page(rows(4, 2), 5)), 5, true, undefined],
    ['it grows meanwhile', scripted(page(rows(1, 3), 4), page(rows(4, 1), 5), page(rows(5, 1), 5)), 5, true, undefined],
  ])('%s', async (_, script, count, complete, detail) => {
    const { ids, end } = await listAll(script);
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
    expect(end.complete).toBe(complete);
    if (detail !== undefined) expect(end.detail).toMatch(detail);
  });

  test('can be stopped', async () => {
    await using server = await scriptedServer(honest(100));
    using app = target(server.url);
    const stop = new AbortController();
    const pages = app.list('User', [], stop.signal);
    await pages.next();
    stop.abort();
    expect(await pages.next()).toMatchObject({
      done: true,
      value: { complete: false, detail: expect.stringContaining('stopped') },
    });
  });
});

/** A server with cursors: each page contains the cursor of the next one. */
const byCursor =
  (sizes: readonly number[], more: (page: number) => object = () => ({})): Script =>
  ({ url }) => {
    const at = Number((new URL(url, 'http://x').searchParams.get('cursor') ?? '').replace('c', ''));
    const before = sizes.slice(0, at).reduce((sum, size) => sum + size, 0);
    return {
      body: {
        Resources: rows(before + 1, sizes[at] ?? 0),
        ...(at + 1 < sizes.length ? { nextCursor: `c${at + 1}` } : {}),
        ...more(at),
      },
    };
  };

describe('a list by cursor', () => {
  test.each<[string, Script, number, RegExp | undefined]>([
    ['no user', byCursor([0], () => ({ totalResults: 0 })), 0, undefined],
    ['one page', byCursor([2]), 2, undefined],
    ['three pages without totalResults', byCursor([3, 3, 1]), 7, undefined],
    [
      'totalResults on the first page only',
      byCursor([3, 2], (at) => (at === 0 ? { totalResults: 5 } : {})),
      5,
      undefined,
    ],
    ['an empty page in between', byCursor([2, 0, 2]), 4, undefined],
    ['an end before totalResults is reached', byCursor([3, 1], () => ({ totalResults: 9 })), 4, /ended after 4 of 9/],
    [
      'a cursor that leads to itself',
      () => ({ body: { Resources: rows(1, 3), nextCursor: 'c1' } }),
      3,
      /back to itself/,
    ],
    [
      'the same rows for ever',
      (_, number) => ({ body: { Resources: rows(1, 3), nextCursor: `n${number}` } }),
      3,
      /no new resource/,
    ],
    ['a refused first page', () => refusal(403), 0, /^403/],
  ])('%s', async (_, script, count, detail) => {
    const { ids, end } = await listAll(script, 'cursor');
    expect(ids).toEqual(rows(1, count).map(({ id }) => id));
    expect(end.complete).toBe(detail === undefined);
    if (detail !== undefined) expect(end.detail).toMatch(detail);
  });

  test('the first cursor is empty, and startIndex is not sent', async () => {
    const { lines } = await listAll(byCursor([3, 1]), 'cursor');
    expect(lines).toEqual(['GET /Users?cursor=&count=3', 'GET /Users?cursor=c1&count=3']);
  });

  test.each<[string, Scripted]>([
    ['expired', refusal(400, 'expiredCursor')],
    ['invalid', refusal(400, 'invalidCursor')],
  ])('after an %s cursor the listing starts again once and returns no user again', async (_, refused) => {
    const pages = byCursor([2, 1, 1, 1, 3]);
    const once = await listAll((request, number) => (number === 5 ? refused : pages(request, number)), 'cursor');
    expect(once.ids).toEqual(rows(1, 8).map(({ id }) => id));
    expect(once.end).toEqual({ complete: true, requests: 10 });
    const always = await listAll(
      (request, number) => (/c2/.test(request.url) ? refused : pages(request, number)),
      'cursor',
    );
    expect(always.end).toMatchObject({ complete: false, detail: expect.stringContaining('cursor') });
  });

  test('is followed if a response contains a cursor', async () => {
    const { ids, end, lines } = await listAll(byCursor([3, 2], () => ({ totalResults: 5 })));
    expect(ids).toHaveLength(5);
    expect(end.complete).toBe(true);
    expect(lines).toEqual(['GET /Users?startIndex=1&count=3', 'GET /Users?cursor=c1&count=3']);
  });
});

describe('a list in one response', () => {
  test.each<[string, Scripted, number, boolean]>([
    ['all users', page(rows(1, 7)), 7, true],
    ['no user', page([]), 0, true],
    ['no totalResults', { body: { Resources: rows(1, 2) } }, 2, true],
    ['not all users', page(rows(1, 2), 5), 2, false],
  ])('%s', async (_, answer, count, complete) => {
    const { ids, end, lines } = await listAll(scripted(answer), 'single');
    expect([ids.length, end.complete]).toEqual([count, complete]);
    expect(lines).toEqual(['GET /Users']);
  });
});

test('an unreliable listing is not requested', async () => {
  expect(await listAll(honest(5), 'unreliable')).toEqual({
    ids: [],
    lines: [],
    end: { complete: false, detail: expect.stringContaining('not reliable'), requests: 0 },
  });
});

test('a rejected page size is not sent again', async () => {
  const { ids, end, lines } = await listAll((request, number) =>
    /count/.test(request.url) ? refusal(400) : page(number === 2 ? rows(1, 2) : rows(3, 1), 3),
  );
  expect([ids.length, end.complete]).toEqual([3, true]);
  expect(lines).toEqual(['GET /Users?startIndex=1&count=3', 'GET /Users?startIndex=1', 'GET /Users?startIndex=3']);
});
