import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { idOf, members, never, operationContext, remove, target, update } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Scripted } from '../scripted-server.ts';

const web: Scripted = {
  status: 404,
  body: '<html><body>no such backend</body></html>',
  headers: { 'Content-Type': 'text/html' },
};
const knownResource = { userName: 'ada', externalId: 'k1' };
const account = (id: string, active = true): Scripted => ({ body: { id, ...knownResource, active } });
const found = (id: string): Scripted => page([account(id).body]);
const none = page([]);

const rename = update('ada', [['userName', 'ada', 'ada.b']], { externalId: 'k1' });
const closing: Operation = { ...update('ada', [['active', true, false]], knownResource), action: 'deactivate' };

/** Answers of the target: to a write, to the GET by id, to a search. */
async function answering(operation: Operation, write: Scripted, read: Scripted, search: Scripted) {
  await using server = await scriptedServer(({ method, url }) =>
    method !== 'GET' ? write : url.includes('filter=') ? search : read,
  );
  using app = target(server.url);
  const { outcome } = await app.perform(operationContext(operation, { knownResource }), never);
  return { outcome, lines: server.lines() };
}

describe('404 to a change of a known account', () => {
  const gone = refusal(404);
  const proof = ['GET /Users/id-ada', 'GET /Users?filter=externalId eq "k1"', 'GET /Users?filter=userName eq "ada"'];
  test.each<[string, Operation, Scripted, Scripted, Scripted, object]>([
    ['missing', closing, gone, gone, none, { kind: 'notFound', detail: 'already gone, confirmed by look-up' }],
    ['missing, deleted', remove('ada'), gone, gone, none, { kind: 'notFound' }],
    ['missing, 410', closing, refusal(410), refusal(410), none, { kind: 'notFound', status: 410 }],
    ['missing behind a gateway that answers writes', closing, web, gone, none, { kind: 'notFound' }],
    ['there and active', closing, gone, account('id-ada'), none, { kind: 'rejected', status: 404 }],
    ['there and inactive', closing, gone, account('id-ada', false), none, { kind: 'done', status: 404 }],
    ['a web page instead of the account', closing, web, web, none, { kind: 'rejected', status: 404 }],
    ['a GET that is refused', closing, gone, refusal(403), none, { kind: 'rejected', status: 404 }],
    ['a search that is answered 404', closing, gone, gone, gone, { kind: 'rejected', status: 404 }],
    ['a search that is refused', closing, gone, gone, refusal(400), { kind: 'rejected', status: 404 }],
    [
      'a search that ignores the filter',
      closing,
      gone,
      gone,
      page([{ id: '9', userName: 'bob' }]),
      { kind: 'rejected' },
    ],
    [
      'another id',
      closing,
      gone,
      gone,
      found('id-2'),
      { kind: 'existing', origin: 'ownCreate', resource: { remoteId: 'id-2' } },
    ],
    ['another id, deleted', remove('ada'), gone, gone, found('id-2'), { kind: 'existing' }],
  ])('%s', async (_, operation, write, read, search, expected) => {
    expect((await answering(operation, write, read, search)).outcome).toMatchObject(expected);
  });

  test('is looked up by its old and its new name', async () => {
    const { outcome, lines } = await answering(rename, gone, gone, none);
    expect(outcome).toMatchObject({ kind: 'notFound', status: 404 });
    expect(lines).toEqual([
      'PATCH /Users/id-ada',
      ...proof,
      'GET /Users?filter=externalId eq "k1"',
      'GET /Users?filter=userName eq "ada.b"',
    ]);
  });

  test('costs three requests for a leaver, and one where the account is shown', async () => {
    expect((await answering(closing, gone, gone, none)).lines).toEqual(['PATCH /Users/id-ada', ...proof]);
    expect((await answering(closing, gone, account('id-ada'), none)).lines).toHaveLength(2);
  });

  test('a web page is named', async () => {
    const { outcome } = await answering(remove('ada'), web, web, none);
    expect(outcome).toMatchObject({
      detail:
        '404: answered with a web page; is the URL that of the SCIM endpoint?; whether the account is gone is not ' +
        'proven: 404: answered with a web page; is the URL that of the SCIM endpoint?',
    });
  });
});

describe('404 to a change of members', () => {
  const knownGroup = { displayName: 'Engineering' };
  async function changing(search: Scripted, read: Scripted = refusal(404)) {
    await using server = await scriptedServer(({ method, url }) =>
      method !== 'GET' ? refusal(404) : url.includes('filter=') ? search : read,
    );
    using app = target(server.url, { protocol: { matchGroups: ['displayName'] } });
    const context = operationContext(members(['a']), { knownResource: knownGroup, paths: ['displayName'] });
    return (await app.perform(context, never)).outcome;
  }

  test('the group must be missing', async () => {
    expect(await changing(none)).toMatchObject({ kind: 'notFound', status: 404 });
    expect(await changing(refusal(404))).toMatchObject({ kind: 'rejected', status: 404 });
    expect(await changing(page([{ id: 'id-2', displayName: 'Engineering' }]))).toMatchObject({
      kind: 'existing',
      resource: { remoteId: 'id-2' },
    });
    expect(await changing(none, web)).toMatchObject({ kind: 'rejected', status: 404 });
  });
});

describe('a known account is read', () => {
  test.each<[string, object, Scripted, Scripted, object]>([
    ['there', {}, account('id-ada'), none, { kind: 'present', resource: { remoteId: 'id-ada', active: true } }],
    ['missing', {}, refusal(404), none, { kind: 'missing' }],
    ['another id', {}, refusal(404), found('id-2'), { kind: 'moved' }],
    ['a web page', {}, web, none, { kind: 'unproven' }],
    [
      'a response about another account',
      {},
      { body: { id: 'other' } },
      none,
      { kind: 'unproven', detail: 'asked for id-ada, but the response contains resource other' },
    ],
    [
      'no resource',
      {},
      { body: {} },
      none,
      { kind: 'unproven', detail: 'asked for id-ada, but the response contains no resource' },
    ],
    ['denied', {}, refusal(403), none, { kind: 'unproven', detail: '403: no' }],
    ['404 where refused users are hidden', { refusedUsers: 'notFound' }, refusal(404), none, { kind: 'unproven' }],
    ['404 where inactive accounts are hidden', { inactiveUsers: 'notFound' }, refusal(404), none, { kind: 'unproven' }],
    [
      'inactive where inactive accounts are anonymised',
      { inactiveUsers: 'anonymised' },
      account('id-ada', false),
      none,
      { kind: 'unproven' },
    ],
  ])('%s', async (_, protocol, read, search, expected) => {
    await using server = await scriptedServer(({ url }) => (url.includes('filter=') ? search : read));
    using app = target(server.url, { protocol });
    const known = { resourceType: 'User', remoteId: idOf('ada'), body: knownResource } as const;
    expect(await app.readKnown(known, ['userName', 'externalId'], never)).toMatchObject(expected);
  });
});

test('a name is also looked up in lower case: some targets store it so, and compare names by case', async () => {
  const stored = { id: 'id-ada', userName: 'ada.love@x.example', active: true };
  await using server = await scriptedServer(({ url }) =>
    !url.includes('filter=') ? refusal(404) : url.includes('ada.love') ? page([stored]) : none,
  );
  using app = target(server.url);
  const named = { userName: 'Ada.Love@X.example', externalId: 'k1' };
  const { outcome } = await app.perform(operationContext(closing, { knownResource: named }), never);
  expect(outcome).toMatchObject({ kind: 'rejected', isPresent: true });
});
