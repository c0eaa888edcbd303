import { describe, expect, test } from '@jest/globals';
import type { EditOperation } from '../../../src/model/operation.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import type { FlatResource } from '../../../src/model/resource.ts';
import type { PreparedOperation } from '../../../src/scim/target.ts';
import { page, refusal, scriptedServer, type Script } from '../scripted-server.ts';
import { operationContext, memberRefs, members, never, target, update } from '../fixtures.ts';

const operation: EditOperation = {
  ...update(
    'ada',
    [
      ['active', false, true],
      ['title', 'x', 'y'],
    ],
    { userName: 'ada', externalId: 'ada' },
  ),
  action: 'reactivate',
};
const closed = { id: 'id-ada', userName: 'ada', externalId: 'ada', active: false };
const open = { ...closed, active: true };
const patch = 'PATCH /Users/id-ada';
const get = 'GET /Users/id-ada';
const post = 'POST /Users';
const put = 'PUT /Users/id-ada';

async function reopening(script: Script, protocol: Partial<Protocol>, changes: Partial<PreparedOperation> = {}) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol });
  const { outcome } = await app.perform(operationContext(operation, changes), never);
  return {
    outcome,
    lines: server.lines(),
    bodies: server.seen.map(({ body }) => body),
    versions: server.seen.map(({ headers }) => headers['if-match']),
  };
}

const by =
  (answers: Readonly<Record<string, ReturnType<typeof refusal>>>): Script =>
  ({ method }) =>
    answers[method] ?? { body: open };

describe('a reactivation', () => {
  test('is an update', async () => {
    const { outcome, lines } = await reopening(() => ({ body: open }), {});
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).toEqual([patch]);
  });

  test('comes before other edits if an inactive account cannot be changed', async () => {
    const { outcome, bodies } = await reopening(() => ({ body: open }), { inactiveUsersWritable: false });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(bodies.map(({ Operations }) => Operations)).toEqual([
      [{ op: 'replace', path: 'active', value: true }],
      [{ op: 'replace', path: 'title', value: 'y' }],
    ]);
  });

  test.each<[string, object, string | undefined]>([
    ['that the activation returned', { headers: { ETag: 'W/"2"' } }, 'W/"2"'],
    ['that is absent, if the activation returned none', {}, undefined],
  ])('in two steps: the second is for the version %s', async (_, answer, expected) => {
    const { versions } = await reopening(
      () => ({ body: open, ...answer }),
      { inactiveUsersWritable: false, ifMatch: 'always' },
      { version: 'W/"1"' },
    );
    expect(versions).toEqual(['W/"1"', expected]);
  });

  test('succeeds even if the other edits are rejected; these are sent again as an update', async () => {
    const { outcome } = await reopening(
      ({ body }) => (JSON.stringify(body).includes('title') ? refusal(400, undefined, 'no titles') : { body: open }),
      { inactiveUsersWritable: false },
    );
    expect(outcome).toMatchObject({
      kind: 'done',
      refused: ['title'],
      detail: expect.stringContaining('no titles'),
    });
  });

  test('by PUT sends the current resource', async () => {
    const { lines, bodies } = await reopening(by({ GET: { status: 200, body: { ...closed, theirs: 1 } } }), {
      reactivation: 'put',
    });
    expect(lines).toEqual([get, put]);
    expect(bodies[1]).toMatchObject({ id: 'id-ada', userName: 'ada', active: true, title: 'y', theirs: 1 });
  });

  test.each<[string, Partial<Protocol>]>([
    ['by PUT', { reactivation: 'put' }],
    ['as an update by PUT', { update: 'getThenPut' }],
  ])('%s sends the known state of an account that is hidden or anonymised', async (_, protocol) => {
    for (const inactiveUsers of ['notFound', 'anonymised'] as const) {
      const { outcome, lines, bodies } = await reopening(() => ({ body: open }), { ...protocol, inactiveUsers });
      expect(outcome).toMatchObject({ kind: 'done' });
      expect(lines).toEqual([put]);
      expect(bodies[0]).toMatchObject({ id: 'id-ada', userName: 'ada', externalId: 'ada', active: true, title: 'y' });
    }
  });

  test('of a hidden account that cannot be changed is a create', async () => {
    const { outcome, lines } = await reopening(
      by({ PUT: refusal(404), POST: { status: 201, body: { ...open, id: '2' } } }),
      { reactivation: 'put', inactiveUsers: 'notFound' },
    );
    expect(outcome).toMatchObject({ kind: 'done', remoteId: '2' });
    expect(lines).toEqual([put, post]);
  });

  test('comes before other edits also by PUT, with the known state', async () => {
    const knownResource = { userName: 'ada', externalId: 'ada', title: 'x', active: false };
    const { lines, bodies } = await reopening(
      () => ({ body: open }),
      { update: 'put', inactiveUsersWritable: false },
      { knownResource },
    );
    expect(lines).toEqual([put, put]);
    expect(bodies).toMatchObject([
      { active: true, title: 'x' },
      { active: true, title: 'y' },
    ]);
  });

  test('by a create uses the returned id', async () => {
    const { outcome, lines } = await reopening(by({ POST: { status: 201, body: { ...open, id: '2' } } }), {
      reactivation: 'create',
    });
    expect(outcome).toMatchObject({ kind: 'done', remoteId: '2' });
    expect(lines).toEqual([post]);
  });

  test('by a create that finds the inactive account', async () => {
    const { outcome, lines } = await reopening(by({ POST: refusal(409), GET: page([closed]) }), {
      reactivation: 'create',
    });
    expect(outcome).toMatchObject({ kind: 'existing', resource: { remoteId: 'id-ada', active: false } });
    expect(lines).toEqual([post, 'GET /Users?filter=externalId eq "ada"']);
  });

  test('is a create if the target responds with 404 to inactive accounts', async () => {
    const { outcome, lines } = await reopening(
      by({ PATCH: refusal(404), POST: { status: 201, body: { ...open, id: '2' } } }),
      { inactiveUsers: 'notFound' },
    );
    expect(outcome).toMatchObject({ kind: 'done', remoteId: '2' });
    expect(lines).toEqual([patch, post]);
  });

  test.each([
    [
      'is necessary',
      closed,
      {
        kind: 'rejected',
        detail: 'this application does not activate accounts by SCIM: activate the account of ada there',
      },
    ],
    ['is detected', open, { kind: 'done', unresolved: ['title'], detail: 'it was activated in the application' }],
  ])('by an administrator %s', async (_, there, outcome) => {
    const result = await reopening(by({ GET: { status: 200, body: there } }), { reactivation: 'never' });
    expect(result.outcome).toMatchObject(outcome);
    expect(result.lines).toEqual([get]);
  });
});

const search = 'GET /Users?filter=userName eq "ada"';

describe('a deactivation', () => {
  const closing: EditOperation = {
    ...update('ada', [['active', true, false]], { userName: 'ada' }),
    action: 'deactivate',
  };
  test.each<[Partial<Protocol>, ReturnType<typeof refusal>, string[], object]>([
    [{ deactivation: 'delete' }, { status: 204 }, ['DELETE /Users/id-ada'], { kind: 'done', status: 204 }],
    [{ inactiveUsers: 'notFound' }, refusal(404), [patch, get], { kind: 'done', status: 404 }],
    [{}, refusal(404), [patch, get, search], { kind: 'notFound', status: 404 }],
  ])('%j', async (protocol, answer, lines, outcome) => {
    await using server = await scriptedServer(({ url }) => (url.includes('filter') ? page([]) : answer));
    using app = target(server.url, { protocol });
    expect((await app.perform(operationContext(closing), never)).outcome).toMatchObject(outcome);
    expect(server.lines()).toEqual(lines);
  });
});

describe('a change of an inactive account', () => {
  test.each<[string, Partial<Protocol>, Partial<PreparedOperation>, object]>([
    [
      'a hidden account stays known',
      { inactiveUsers: 'notFound' },
      { knownResource: { active: false } },
      { kind: 'rejected', status: 404, detail: expect.stringContaining('hides inactive accounts') },
    ],
    [
      'an account that should be active is missing',
      { inactiveUsers: 'notFound' },
      { knownResource: { active: true } },
      { kind: 'notFound' },
    ],
    [
      'an account at a target that returns inactive accounts is missing',
      {},
      { knownResource: { active: false } },
      { kind: 'notFound' },
    ],
  ])('%s', async (_, protocol, changes, outcome) => {
    await using server = await scriptedServer(({ url }) => (url.includes('filter') ? page([]) : refusal(404)));
    using app = target(server.url, { protocol });
    const change = update('ada', [['title', 'x', 'y']], { userName: 'ada' });
    expect((await app.perform(operationContext(change, changes), never)).outcome).toMatchObject(outcome);
  });
});

describe('the body of a PUT', () => {
  const shown = { id: 'id-ada', userName: 'ada', theirs: 1 };
  test.each<[string, object, object, object]>([
    [
      'keeps unmanaged attributes, and adds active where it was missing',
      {},
      {},
      { theirs: 1, title: 'y', active: true },
    ],
    [
      'keeps an account inactive if the response lacks active',
      {},
      { active: false },
      { theirs: 1, title: 'y', active: false },
    ],
    ['sends it as the target returned it', { active: 'False' }, {}, { title: 'y', active: 'False' }],
  ])('%s', async (_, more, body, expected) => {
    await using server = await scriptedServer(() => ({ body: { ...shown, ...more } }));
    using app = target(server.url, { protocol: { update: 'getThenPut' } });
    await app.perform(operationContext(update('ada', [['title', 'x', 'y']], body as FlatResource)), never);
    expect(server.lines()).toEqual([get, put]);
    expect(server.seen[1]?.body).toMatchObject({ id: 'id-ada', ...expected });
  });

  test('of a group contains the returned members with the changes', async () => {
    await using server = await scriptedServer(() => ({
      body: { id: 'id-eng', displayName: 'Eng', theirs: 1, members: [{ value: 'id-a', display: 'A' }, { value: 'x' }] },
    }));
    using app = target(server.url, { protocol: { update: 'getThenPut' } });
    await app.perform(operationContext(members(['b'], ['a']), { members: memberRefs('a') }), never);
    // The response still shows the removed member, so a GET decides.
    expect(server.lines()).toEqual(['GET /Groups/id-eng', 'PUT /Groups/id-eng', 'GET /Groups/id-eng']);
    expect(server.seen[1]?.body).toMatchObject({
      id: 'id-eng',
      displayName: 'Eng',
      theirs: 1,
      members: [{ value: 'x' }, { value: 'id-b' }],
    });
  });
});
