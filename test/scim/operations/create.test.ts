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

/** Returns these responses to POST requests in this order, the last one repeatedly, and `seen` to each GET request. */
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
  test('sends one request', async () => {
    const { performed, seen } = await creating(answering([{ ...made, headers: { ETag: 'W/"1"' } }]));
    expect(performed).toEqual({
      outcome: { kind: 'done', status: 201, evidence: 'shown', remoteId: '1', version: 'W/"1"' },
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
      'long ago: the account existed',
      '2020-01-01T00:00:00Z',
      { kind: 'existing', status: 201, resource: { remoteId: '1', body: { userName: 'ada', externalId: 'ada' } } },
    ],
    ['not before the request', '2999-01-01T00:00:00Z', { kind: 'done', status: 201, remoteId: '1' }],
    ['without a valid meta.created', 'yesterday', { kind: 'done', status: 201, remoteId: '1' }],
  ])('returns an account that was created %s', async (_, created, outcome) => {
    expect((await creating(answering([{ status: 201, body: { ...ada, meta: { created } } }]))).outcome).toMatchObject(
      outcome,
    );
  });

  test('reports a manager without an account', async () => {
    await using server = await scriptedServer(() => made);
    using app = target(server.url);
    const { outcome } = await app.perform(
      operationContext(create('ada', { userName: 'ada', [managerPath]: 'GRACE' })),
      never,
    );
    expect(outcome).toMatchObject({ kind: 'done', unresolved: [managerPath] });
  });

  describe('a create at a target that allows duplicates', () => {
    const notFound = { kind: 'done', status: 201, remoteId: '1' };
    const looked = [byExternalId, byUserName];
    test.each<[string, Scripted, Partial<PreparedOperation>, object, string[]]>([
      ['is sent after a look-up', none, {}, notFound, [...looked, post]],
      [
        'finds the account',
        page([ada]),
        {},
        { kind: 'existing', status: 200, resource: { remoteId: '1' } },
        [byExternalId],
      ],
      ['finds two accounts', page([ada, { ...ada, id: '2' }]), {}, { kind: 'rejected', status: 409 }, [byExternalId]],
      [
        'is sent with a note if no look-up is possible',
        refusal(400, 'invalidFilter', 'no'),
        {},
        { ...notFound, detail: expect.stringContaining('without knowing whether it exists already') },
        [...looked, post],
      ],
      [
        'is not sent if the look-up gets no response',
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

  describe('a conflict', () => {
    const conflict = refusal(409, 'uniqueness', 'userName is taken');
    test.each<[string, Scripted, Partial<PreparedOperation>, object, string[]]>([
      [
        'finds the account',
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
        'no account is found',
        none,
        {},
        {
          kind: 'rejected',
          status: 409,
          mayExist: true,
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
        'the target ignores the filter',
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

    test('with the status 400 of the profile', async () => {
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

    test('with the status 429 of the profile, which may also be a rate limit', async () => {
      const protocol = { conflictStatuses: [409, 429] };
      expect((await creating(answering([refusal(429)], page([ada])), {}, protocol)).outcome).toMatchObject({
        kind: 'existing',
      });
      const hasty = await creating(answering([refusal(429), refusal(429), made]), {}, protocol);
      expect(hasty.outcome).toMatchObject({ kind: 'done', status: 201 });
      expect(hasty.lines).toEqual([post, byExternalId, byUserName, post, post]);
    });
  });

  describe('a create without a response', () => {
    test.each<[string, readonly (Scripted | 'drop')[], Scripted, object, string[]]>([
      [
        'the account was created',
        ['drop'],
        page([ada]),
        { kind: 'existing', resource: { remoteId: '1' } },
        [post, byExternalId],
      ],
      [
        'no look-up shows the account yet',
        ['drop', made],
        none,
        { kind: 'unknown', lookAgain: true },
        [post, byExternalId, byUserName],
      ],
      [
        '504, and no look-up shows it yet',
        [refusal(504), made],
        none,
        { kind: 'unknown' },
        [post, byExternalId, byUserName],
      ],
      ['500, and the account was created', [refusal(500)], page([ada]), { kind: 'existing' }, [post, byExternalId]],
      [
        '500, and the account was not created',
        [refusal(500), made],
        none,
        { kind: 'done', status: 201 },
        [post, byExternalId, byUserName, post],
      ],
      ['look-ups get no response either', ['drop'], refusal(403), { kind: 'unknown' }, [post, byExternalId]],
      [
        'the target ignores the filter',
        ['drop'],
        page([{ id: '8', userName: 'eve' }]),
        { kind: 'unknown', detail: expect.stringContaining('the next pass sends it again') },
        [post, byExternalId, byUserName],
      ],
      [
        '500, and the target ignores the filter',
        [refusal(500), made],
        page([{ id: '8', userName: 'eve' }]),
        { kind: 'done', detail: expect.stringContaining('sent again') },
        [post, byExternalId, byUserName, post],
      ],
      [
        '504, and the target ignores the filter',
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

    test.each<[string, Partial<Protocol>]>([
      ['searches are delayed', { consistencyDelaySeconds: 5 }],
      ['duplicates are allowed', { allowsDuplicates: ['User'] }],
    ])('500 is not followed by another POST where %s', async (_, protocol) => {
      const { outcome, lines } = await creating(answering([refusal(500), made], none), {}, protocol);
      expect(outcome).toMatchObject({ kind: 'unknown', lookAgain: true });
      expect(lines.filter((line) => line === post)).toHaveLength(1);
    });

    test.each<[string, Scripted, number, object]>([
      ['of a gateway: five times', refusal(503), 5, { requests: 13, retries: 4 }],
      ['of the application itself: twice', refusal(500), 2, { requests: 4, retries: 1 }],
    ])('never, with an answer %s', async (_, answer, posts, counts) => {
      const { outcome, lines, performed } = await creating(answering([answer]));
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(lines.filter((line) => line === post)).toHaveLength(posts);
      expect(performed).toMatchObject(counts);
    });

    test('a time-out counts as no response', async () => {
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

  describe('a create of an earlier pass without a response', () => {
    test.each<[string, Scripted, object, string[]]>([
      ['finds the account', page([ada]), { kind: 'existing' }, [byExternalId]],
      ['finds no account', none, { kind: 'done', status: 201 }, [byExternalId, byUserName, post]],
      [
        'no look-up is possible',
        refusal(400, 'invalidFilter'),
        { kind: 'done', detail: expect.stringContaining('does not let us look up') },
        [byExternalId, byUserName, post],
      ],
      ['finds two accounts', page([ada, { ...ada, id: '2' }]), { kind: 'rejected' }, [byExternalId]],
    ])('%s', async (_, seen, outcome, requests) => {
      const result = await creating(answering([made], seen), {
        isInDoubt: true,
      });
      expect(result.outcome).toMatchObject(outcome);
      expect(result.lines).toEqual(requests);
    });
  });

  describe('a create in doubt that is answered with a conflict', () => {
    const conflict = refusal(409, 'uniqueness', 'externalId is in use');

    test('of an earlier pass: costs no wait, stays in doubt, and is never made smaller', async () => {
      const { outcome, lines } = await creating(answering([conflict, made]), { isInDoubt: true });
      expect(outcome).toMatchObject({ kind: 'rejected', status: 409, mayExist: true });
      expect(lines).toEqual([byExternalId, byUserName, post, byExternalId, byUserName]);
    });

    test('of the same pass: is looked up again later', async () => {
      const { outcome, lines } = await creating(answering([refusal(500), conflict, made]));
      expect(outcome).toMatchObject({ kind: 'unknown', lookAgain: true });
      expect(lines.filter((line) => line === post)).toHaveLength(2);
    });
  });

  describe('refused', () => {
    const title = { userName: 'ada', externalId: 'ada', active: true, title: 'x', displayName: 'Ada' };
    const refusing = async (script: Script, changes: Partial<PreparedOperation> = {}) => {
      await using server = await scriptedServer(script);
      using app = target(server.url);
      const { outcome } = await app.perform(operationContext(create('ada', title), changes), never);
      const bodies = server.seen.filter(({ method }) => method === 'POST').map(({ body }) => Object.keys(body).sort());
      return { outcome, lines: server.lines(), bodies };
    };
    const all = ['active', 'displayName', 'externalId', 'schemas', 'title', 'userName'];
    const withoutTitle = all.filter((name) => name !== 'title');
    const identity = withoutTitle.filter((name) => name !== 'displayName');

    test.each<[string, readonly Scripted[], object, (readonly string[])[]]>([
      [
        'names the attribute: without it',
        [refusal(400, 'invalidValue', 'title is not in the list'), made],
        { kind: 'done', refused: ['title'] },
        [all, withoutTitle],
      ],
      [
        'names none: without those that are not usual',
        [refusal(422, 'invalidValue', 'no'), made],
        { kind: 'done', unresolved: ['title'] },
        [all, withoutTitle],
      ],
      [
        'a usual attribute is the reason: the identity alone',
        [refusal(403), refusal(403), made],
        { kind: 'done', unresolved: ['title', 'displayName'] },
        [all, withoutTitle, identity],
      ],
      [
        'a conflict of another attribute',
        [refusal(409, 'uniqueness', 'this displayName is in use'), made],
        { kind: 'done', refused: ['displayName'] },
        [all, all.filter((name) => name !== 'displayName')],
      ],
      [
        'a conflict of an attribute that the answer does not name: sent with the identity alone',
        [refusal(409, 'uniqueness', 'in use'), made],
        { kind: 'done', unresolved: ['title', 'displayName'] },
        [all, identity],
      ],
      [
        'a conflict about userName: not sent again',
        [refusal(409, 'uniqueness', 'userName is in use'), made],
        { kind: 'rejected', status: 409 },
        [all],
      ],
      [
        'a conflict about externalId: not sent without it',
        [refusal(400, 'uniqueness', 'externalId is in use'), made],
        { kind: 'rejected', status: 400 },
        [all],
      ],
      [
        'a failure that stays',
        [refusal(500), refusal(500), made],
        { kind: 'done', unresolved: ['title'] },
        [all, all, withoutTitle],
      ],
      [
        'always: the first refusal is the result, and the account may exist',
        [refusal(400, 'invalidValue', 'first'), refusal(400, 'invalidValue', 'second')],
        { kind: 'rejected', status: 400, detail: expect.stringContaining('first'), mayExist: true },
        [all, withoutTitle, identity],
      ],
      ['by the credentials', [refusal(401)], { kind: 'rejected', status: 401, mayExist: true }, [all]],
    ])('%s', async (_, posts, outcome, bodies) => {
      const result = await refusing(answering(posts));
      expect(result.outcome).toMatchObject(outcome);
      expect(result.bodies).toEqual(bodies);
    });

    test('although the account was made: the look-up finds it, and no second one is made', async () => {
      const { outcome, lines } = await refusing(answering([refusal(400)], page([ada])));
      expect(outcome).toMatchObject({ kind: 'existing', origin: 'ownCreate', resource: { remoteId: '1' } });
      expect(lines).toEqual([post, byExternalId]);
    });

    test('in doubt since an earlier pass: the smaller create keeps its identity', async () => {
      const { outcome, bodies } = await refusing(answering([refusal(400, 'invalidValue', 'externalId'), made]), {
        isInDoubt: true,
      });
      expect(outcome).toMatchObject({ kind: 'rejected', status: 400 });
      expect(bodies).toEqual([all]);
    });

    test('where a second account would be made, only after a look-up that is trusted', async () => {
      const { bodies } = await refusing(answering([refusal(400)], refusal(400, 'invalidFilter')), {
        mayDuplicate: true,
      });
      expect(bodies).toEqual([all]);
    });
  });

  describe('answered strangely', () => {
    test('no body: the account is looked up for its id', async () => {
      const { outcome, lines } = await creating(answering([{ status: 201, body: {} }], page([ada])));
      expect(outcome).toMatchObject({ kind: 'done', status: 201, remoteId: '1' });
      expect(lines).toEqual([post, byExternalId]);
    });

    test('without a body, and the look-up finds no account yet', async () => {
      expect((await creating(answering([{ status: 202 }]))).outcome).toMatchObject({ kind: 'unknown' });
    });

    test('with a log-in page', async () => {
      expect((await creating(answering([{ status: 200, body: '<html>log in</html>' }]))).outcome).toMatchObject({
        kind: 'unknown',
        detail: expect.stringContaining('web page'),
      });
    });
  });

  test.each([
    ['shows the account', page([ada]), 'existing'],
    ['shows nothing', none, 'notFound'],
    ['is refused', refusal(400), 'unknown'],
    ['is answered 404, like each search', refusal(404), 'unknown'],
    ['is answered 404, and other searches are not', refusal(404), 'notFound', none],
  ] as const)('verifyCreate only reads: the look-up %s', async (_, seen, expected, otherSearch: Scripted = seen) => {
    await using server = await scriptedServer(({ url }) => (url.includes('filter=') ? seen : otherSearch));
    using app = target(server.url);
    const verify = { ...create('ada'), action: 'verifyCreate' as const };
    const { outcome } = await app.perform(operationContext(verify), never);
    expect(outcome.kind).toBe(expected);
    expect(server.lines().every((line) => line.startsWith('GET'))).toBe(true);
  });
});
