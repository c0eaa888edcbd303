import { describe, expect, test } from '@jest/globals';
import { managerPath } from '../../../src/model/path.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import type { PreparedOperation } from '../../../src/scim/target.ts';
import { operationContext, create, never, target } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

const ada = { id: '1', userName: 'ada', externalId: 'ada' };
const made: Scripted = { status: 201, body: ada };
const none = page([]);
const post = 'POST /Users';
const byExternalId = 'GET /Users?filter=externalId eq "ada"';
const byUserName = 'GET /Users?filter=userName eq "ada"';

/** The posts are answered in this order, the last one again and again; every GET is answered by `seen`. */
const answering = (posts: readonly (Scripted | 'drop' | 'hang')[], seen: Scripted = none): Script => {
  let sent = 0;
  return ({ method }) => (method === 'GET' ? seen : (posts[Math.min(sent++, posts.length - 1)] ?? made));
};

async function creating(script: Script, changes: Partial<PreparedOperation> = {}, protocol: Partial<Protocol> = {}) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol });
  const performed = await app.perform(operationContext(create('ada'), changes), never);
  return { performed, outcome: performed.outcome, lines: server.lines(), seen: server.seen };
}

describe('create', () => {
  test('one request', async () => {
    const { performed, seen } = await creating(answering([{ ...made, headers: { ETag: 'W/"1"' } }]));
    expect(performed).toEqual({
      outcome: { kind: 'done', status: 201, remoteId: '1', version: 'W/"1"' },
      requests: 1,
      retries: 0,
      sentAt: expect.any(Number),
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/Users',
      body: { userName: 'ada', externalId: 'ada', active: true },
      headers: {
        authorization: 'Bearer t0p-secret',
        'content-type': 'application/scim+json',
        'user-agent': 'scimsync/1.2.3',
        accept: 'application/scim+json, application/json;q=0.9',
      },
    });
  });

  test.each([
    [
      'long ago: it was there',
      '2020-01-01T00:00:00Z',
      { kind: 'existing', status: 201, resource: { remoteId: '1', body: { userName: 'ada', externalId: 'ada' } } },
    ],
    ['not before it was asked for', '2999-01-01T00:00:00Z', { kind: 'done', status: 201, remoteId: '1' }],
    ['at no time that can be read', 'yesterday', { kind: 'done', status: 201, remoteId: '1' }],
  ])('is answered with an account that was made %s', async (_, created, outcome) => {
    expect((await creating(answering([{ status: 201, body: { ...ada, meta: { created } } }]))).outcome).toMatchObject(
      outcome,
    );
  });

  test('a manager who is not there yet is reported', async () => {
    await using server = await scriptedServer(() => made);
    using app = target(server.url);
    const { outcome } = await app.perform(
      operationContext(create('ada', { userName: 'ada', [managerPath]: 'GRACE' })),
      never,
    );
    expect(outcome).toMatchObject({ kind: 'done', unresolved: [managerPath] });
  });

  describe('where a second one of the same name would be made', () => {
    const notFound = { kind: 'done', status: 201, remoteId: '1' };
    const looked = [byExternalId, byUserName];
    test.each<[string, Scripted, Partial<PreparedOperation>, object, string[]]>([
      ['is made after a look whether one is there', none, {}, notFound, [...looked, post]],
      ['is found', page([ada]), {}, { kind: 'existing', status: 200, resource: { remoteId: '1' } }, [byExternalId]],
      ['is there twice', page([ada, { ...ada, id: '2' }]), {}, { kind: 'rejected', status: 409 }, [byExternalId]],
      [
        'is sent where no look-up is possible, with a note',
        refusal(400, 'invalidFilter', 'no'),
        {},
        { ...notFound, detail: expect.stringContaining('without knowing whether it exists already') },
        [...looked, post],
      ],
      [
        'is not made where the look-up is not answered',
        refusal(500, 'x', 'down'),
        {},
        { kind: 'unavailable', detail: expect.stringContaining('whether it exists already') },
        Array.from({ length: 5 }, () => byExternalId),
      ],
    ])('%s', async (_, seen, changes, outcome, lines) => {
      const created = await creating(answering([made], seen), { mayDuplicate: true, ...changes });
      expect(created.outcome).toMatchObject(outcome);
      expect(created.lines).toEqual(lines);
    });
  });

  describe('already there', () => {
    const conflict = refusal(409, 'uniqueness', 'userName is taken');
    test.each<[string, Scripted, Partial<PreparedOperation>, object, string[]]>([
      [
        'is found',
        page([ada]),
        {},
        {
          kind: 'existing',
          status: 409,
          resource: { remoteId: '1', body: { userName: 'ada', externalId: 'ada' }, active: true },
        },
        [post, byExternalId],
      ],
      [
        'is not to be seen',
        none,
        {},
        {
          kind: 'rejected',
          status: 409,
          detail: 'already there, but no look-up shows it: 409 (uniqueness): userName is taken',
        },
        [post, byExternalId, byUserName],
      ],
      [
        'twice',
        page([ada, { ...ada, id: '2' }]),
        {},
        { kind: 'rejected', detail: expect.stringContaining('not known which one is meant') },
        [post, byExternalId],
      ],
      [
        'somewhere behind an ignored filter',
        page([{ id: '8', userName: 'eve', externalId: 'eve' }]),
        {},
        { kind: 'rejected', detail: expect.stringContaining('ignores the filter') },
        [post, byExternalId, byUserName],
      ],
    ])('%s', async (_, seen, changes, outcome, requests) => {
      const result = await creating(answering([conflict], seen), changes);
      expect(result.outcome).toMatchObject(outcome);
      expect(result.lines).toEqual(requests);
    });

    test('by a status of the profile: 400', async () => {
      expect(
        (await creating(answering([refusal(400)], page([ada])), {}, { conflictStatuses: [409, 400] })).outcome,
      ).toMatchObject({ kind: 'existing' });
      expect(
        (await creating(answering([refusal(400, undefined, 'bad title')]), {}, { conflictStatuses: [409, 400] }))
          .outcome,
      ).toMatchObject({ kind: 'rejected', detail: '400: bad title' });
      expect((await creating(answering([refusal(400, undefined, 'bad title')], page([ada])))).outcome).toMatchObject({
        kind: 'rejected',
        detail: '400: bad title',
      });
    });

    test('by a status of the profile: 429, which may also mean a rate limit', async () => {
      const protocol = { conflictStatuses: [409, 429] };
      expect((await creating(answering([refusal(429)], page([ada])), {}, protocol)).outcome).toMatchObject({
        kind: 'existing',
      });
      const hasty = await creating(answering([refusal(429), refusal(429), made]), {}, protocol);
      expect(hasty.outcome).toMatchObject({ kind: 'done', status: 201 });
      expect(hasty.lines).toEqual([post, byExternalId, byUserName, post, post]);
    });
  });

  describe('without an answer', () => {
    test.each<[string, readonly (Scripted | 'drop')[], Scripted, object, string[]]>([
      ['it had worked', ['drop'], page([ada]), { kind: 'existing', resource: { remoteId: '1' } }, [post, byExternalId]],
      [
        'it had not worked',
        ['drop', made],
        none,
        { kind: 'done', status: 201 },
        [post, byExternalId, byUserName, post],
      ],
      ['500, and it had worked', [refusal(500)], page([ada]), { kind: 'existing' }, [post, byExternalId]],
      [
        '500, and it had not',
        [refusal(500), made],
        none,
        { kind: 'done', status: 201 },
        [post, byExternalId, byUserName, post],
      ],
      ['lookups are not answered either', ['drop'], refusal(403), { kind: 'unknown' }, [post, byExternalId]],
      [
        'the filter is ignored',
        ['drop'],
        page([{ id: '8', userName: 'eve' }]),
        { kind: 'unknown', detail: expect.stringContaining('the next pass sends it again') },
        [post, byExternalId, byUserName],
      ],
      [
        '500 and the filter is ignored',
        [refusal(500), made],
        page([{ id: '8', userName: 'eve' }]),
        { kind: 'done', detail: expect.stringContaining('sent again') },
        [post, byExternalId, byUserName, post],
      ],
      [
        '504 and the filter is ignored',
        [refusal(504), made],
        page([{ id: '8', userName: 'eve' }]),
        { kind: 'unknown' },
        [post, byExternalId, byUserName],
      ],
    ])('%s', async (_, posts, seen, outcome, requests) => {
      const result = await creating(answering(posts, seen));
      expect(result.outcome).toMatchObject(outcome);
      expect(result.lines).toEqual(requests);
    });

    test('never, five times', async () => {
      const { outcome, lines, performed } = await creating(answering([refusal(500)]));
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(lines.filter((line) => line === post)).toHaveLength(5);
      expect(performed).toMatchObject({ requests: 13, retries: 4 });
    });

    test('a time-out counts as none', async () => {
      const { outcome } = await creating(answering(['hang'], page([ada])));
      expect(outcome).toMatchObject({ kind: 'existing' });
    });

    test.each([
      ['found by externalId', ada, 'ownCreate'],
      ['with the values that were sent', { id: '1', userName: 'ada', externalId: 'ada', active: true }, 'ownCreate'],
      ['with other values', { id: '1', userName: 'ada', title: 'boss' }, 'lookup'],
    ])('an account %s: %#', async (_, account, origin) => {
      expect((await creating(answering(['drop'], page([account])))).outcome).toMatchObject({
        kind: 'existing',
        origin,
      });
    });
  });

  describe('sent by an earlier pass without an answer', () => {
    test.each<[string, Scripted, object, string[]]>([
      ['is found', page([ada]), { kind: 'existing' }, [byExternalId]],
      ['is not there', none, { kind: 'done', status: 201 }, [byExternalId, byUserName, post]],
      [
        'cannot be looked up',
        refusal(400, 'invalidFilter'),
        { kind: 'done', detail: expect.stringContaining('does not let us look up') },
        [byExternalId, byUserName, post],
      ],
      ['is there twice', page([ada, { ...ada, id: '2' }]), { kind: 'rejected' }, [byExternalId]],
    ])('%s', async (_, seen, outcome, requests) => {
      const result = await creating(answering([made], seen), {
        isInDoubt: true,
      });
      expect(result.outcome).toMatchObject(outcome);
      expect(result.lines).toEqual(requests);
    });
  });

  describe('answered strangely', () => {
    test('no body: the account is looked up for its id', async () => {
      const { outcome, lines } = await creating(answering([{ status: 201, body: {} }], page([ada])));
      expect(outcome).toMatchObject({ kind: 'done', status: 201, remoteId: '1' });
      expect(lines).toEqual([post, byExternalId]);
    });

    test('no body, and the account is not to be seen yet', async () => {
      expect((await creating(answering([{ status: 202 }]))).outcome).toMatchObject({ kind: 'unknown' });
    });

    test('a log-in page', async () => {
      expect((await creating(answering([{ status: 200, body: '<html>log in</html>' }]))).outcome).toMatchObject({
        kind: 'rejected',
        status: 200,
        detail: expect.stringContaining('web page'),
      });
    });
  });

  test.each([
    ['shows the account', page([ada]), 'existing'],
    ['shows nothing', none, 'notFound'],
    ['is refused', refusal(400), 'unknown'],
  ] as const)('verifyCreate only reads: the look-up %s', async (_, seen, expected) => {
    await using server = await scriptedServer(() => seen);
    using app = target(server.url);
    const verify = { ...create('ada'), action: 'verifyCreate' as const };
    const { outcome } = await app.perform(operationContext(verify), never);
    expect(outcome.kind).toBe(expected);
    expect(server.lines().every((line) => line.startsWith('GET'))).toBe(true);
  });
});
