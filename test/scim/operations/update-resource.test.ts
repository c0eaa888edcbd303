import { describe, expect, test } from '@jest/globals';
import type { EditOperation } from '../../../src/model/operation.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import type { Discovery } from '../../../src/scim/read/discovery.ts';
import type { PreparedOperation } from '../../../src/scim/target.ts';
import { sourceKey } from '../../../src/model/ids.ts';
import { operationContext, never, target, update } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

const rename = update('ada', [['title', 'x', 'y']], { userName: 'ada' });
const work = 'emails[type eq "work"].value';
const ok: Scripted = { body: { id: 'id-ada' }, headers: { ETag: 'W/"2"' } };
const patch = 'PATCH /Users/id-ada';
const put = 'PUT /Users/id-ada';
const get = 'GET /Users/id-ada';
const goneLines = [patch, get, get, 'GET /Users?filter=userName eq "ada"'];

async function changing(
  script: Script,
  operation: PreparedOperation['operation'] = rename,
  changes: Partial<PreparedOperation> = {},
  protocol: Partial<Protocol> = {},
  discovery?: Discovery,
) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol });
  if (discovery !== undefined) app.applyDiscovery(discovery);
  const { outcome, requests, retries } = await app.perform(operationContext(operation, changes), never);
  return { outcome, requests, retries, lines: server.lines(), seen: server.seen };
}

const inOrder =
  (...answers: (Scripted | 'drop')[]): Script =>
  (_, number) =>
    answers[Math.min(number, answers.length) - 1] ?? ok;

describe('an update', () => {
  test('is one PATCH', async () => {
    const { outcome, lines, seen } = await changing(inOrder(ok));
    expect(outcome).toEqual({
      kind: 'done',
      status: 200,
      evidence: 'answered',
      remoteId: 'id-ada',
      version: 'W/"2"',
    });
    expect(lines).toEqual([patch]);
    expect(seen[0]?.body.Operations).toEqual([{ op: 'replace', path: 'title', value: 'y' }]);
    expect(seen[0]?.headers).not.toHaveProperty('if-match');
  });

  test.each<[string, (Scripted | 'drop')[], object, number]>([
    [
      '409',
      [refusal(409, 'uniqueness', 'taken')],
      { kind: 'rejected', status: 409, detail: '409 (uniqueness): taken' },
      1,
    ],
    [
      '400',
      [refusal(400, 'invalidValue', 'too long')],
      { kind: 'rejected', detail: '400 (invalidvalue): too long (the request changes title)' },
      1,
    ],
    ['500 each time', [refusal(500)], { kind: 'unavailable', status: 500 }, 2],
    ['503 each time', [refusal(503)], { kind: 'unavailable', status: 503 }, 5],
    ['500 once', [refusal(500), ok], { kind: 'done' }, 2],
    ['no response once', ['drop', ok], { kind: 'done' }, 2],
    ['no response each time', ['drop'], { kind: 'unknown' }, 5],
    ['204', [{ status: 204 }], { kind: 'done', status: 204 }, 1],
    [
      '302',
      [{ status: 302, headers: { location: 'https://other.example/' } }],
      { kind: 'rejected', detail: expect.stringContaining('other.example') },
      1,
    ],
    [
      '403',
      [refusal(403)],
      { kind: 'rejected', status: 403, detail: '403: no; the credentials do not allow it to change a user' },
      1,
    ],
  ])('%s', async (_, answers, outcome, requests) => {
    const result = await changing(inOrder(...answers));
    expect(result.outcome).toMatchObject(outcome);
    expect(result).toMatchObject({ requests, retries: requests - 1 });
  });
});

describe('PUT', () => {
  test('the profile states PUT: the resource as it is known', async () => {
    const { lines, seen } = await changing(inOrder(ok), rename, {}, { update: 'put' });
    expect(lines).toEqual([put]);
    expect(seen[0]?.body).toMatchObject({ id: 'id-ada', userName: 'ada', title: 'y', active: true });
  });

  test('discovery states no PATCH: the resource as it is read', async () => {
    const account = { body: { id: 'id-ada', userName: 'ada', nickName: 'Ace', roles: [{ value: 'admin' }] } };
    const { lines, seen } = await changing(inOrder(account, ok), rename, {}, {}, { patch: false });
    expect(lines).toEqual([get, put]);
    expect(seen[1]?.body).toMatchObject({ title: 'y', nickName: 'Ace', roles: [{ value: 'admin' }], active: true });
  });

  test('a feature that is missing in discovery is not disabled', async () => {
    expect((await changing(inOrder(ok), rename, {}, {}, {})).lines).toEqual([patch]);
    expect((await changing(inOrder(ok), rename, {}, { update: 'patch' }, { patch: false })).lines).toEqual([patch]);
  });

  test.each([405, 501])('where PATCH of two users is answered %i, from then on', async (status) => {
    await using server = await scriptedServer(({ method, url }) =>
      method === 'PATCH' ? refusal(status) : { body: { id: url.split('/').at(-1) } },
    );
    using app = target(server.url);
    for (const key of ['ada', 'ada', 'bob', 'eve'])
      expect((await app.perform(operationContext({ ...rename, key: sourceKey(key) }), never)).outcome).toMatchObject({
        kind: 'done',
      });
    const written = server.seen.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`);
    expect(written).toEqual([
      ...[patch, put, patch, put],
      ...['PATCH /Users/id-bob', 'PUT /Users/id-bob'],
      'PUT /Users/id-eve',
    ]);
    const group = update('eng', [['displayName', 'a', 'b']], {}, 'Group');
    expect((await app.perform(operationContext(group, { members: [] }), never)).outcome.kind).toBe('done');
    expect(server.lines().slice(-3)).toEqual(['PATCH /Groups/id-eng', 'GET /Groups/id-eng', 'PUT /Groups/id-eng']);
  });

  test('a stray 501 changes one request only', async () => {
    const account = { body: { id: 'id-ada' } };
    await using server = await scriptedServer(
      (_, number) => [refusal(501), account, ok, ok, refusal(501)][number - 1] ?? account,
    );
    using app = target(server.url);
    for (let pass = 0; pass < 3; pass += 1) await app.perform(operationContext(rename), never);
    await app.perform(operationContext({ ...rename, key: sourceKey('bob') }), never);
    expect(server.lines()).toEqual([patch, get, put, patch, patch, get, put, 'PATCH /Users/id-bob']);
  });

  test('is not used if the profile requires PATCH', async () => {
    const { outcome, lines } = await changing(inOrder(refusal(501)), rename, {}, { update: 'patch' });
    expect(outcome).toMatchObject({ kind: 'rejected', status: 501 });
    expect(lines).toEqual([patch]);
  });

  test('is rejected too', async () => {
    expect(await changing(inOrder(refusal(405)))).toMatchObject({
      outcome: { kind: 'rejected', status: 405 },
      lines: [patch, get],
    });
  });
});

describe('If-Match', () => {
  const version = 'W/"1"';
  test.each<[string, Protocol['ifMatch'], Discovery | undefined, string | undefined]>([
    ['no known version', 'auto', undefined, undefined],
    ['the target supports versions', 'auto', { etag: true }, version],
    ['always', 'always', undefined, version],
    ['never', 'never', { etag: true }, undefined],
  ])('%s', async (_, ifMatch, discovery, expected) => {
    const { seen } = await changing(inOrder(ok), rename, { version }, { ifMatch }, discovery);
    expect(seen[0]?.headers['if-match']).toBe(expected);
  });

  test.each([412, 428])('%i: sent once more, with the current version', async (status) => {
    const { outcome, lines, seen } = await changing(
      inOrder(refusal(status), { body: { id: 'id-ada', meta: { version: 'W/"7"' } } }, ok),
      rename,
      { version },
    );
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).toEqual([patch, get, patch]);
    expect(seen[2]?.headers['if-match']).toBe('W/"7"');
  });

  test('single attributes, each with the version that the previous request returned', async () => {
    const both = update(
      'ada',
      [
        ['title', 'x', 'y'],
        ['nickName', 'x', 'y'],
      ],
      { userName: 'ada' },
    );
    const { seen } = await changing(
      inOrder(refusal(400), { status: 204, headers: { ETag: 'W/"2"' } }, { status: 204 }),
      both,
      { version },
      { ifMatch: 'always' },
    );
    expect(seen.map(({ headers }) => headers['if-match'])).toEqual([version, version, 'W/"2"']);
  });

  test.each<[string, (Scripted | 'drop')[], object, string[]]>([
    [
      'again',
      [refusal(412), { body: { id: 'id-ada' }, headers: { ETag: '"7"' } }, refusal(412)],
      { kind: 'rejected', status: 412 },
      [patch, get, patch, patch],
    ],
    [
      'again, and not without',
      [refusal(412), { body: { id: 'id-ada' }, headers: { ETag: '"7"' } }, refusal(412), ok],
      { kind: 'done' },
      [patch, get, patch, patch],
    ],
    [
      'the goal is reached meanwhile',
      [refusal(412), { body: { id: 'id-ada', title: 'y' }, headers: { ETag: '"7"' } }],
      { kind: 'done' },
      [patch, get],
    ],
    [
      'no version is available',
      [refusal(428), { body: { id: 'id-ada' } }],
      { kind: 'rejected', status: 428 },
      [patch, get],
    ],
    [
      'the account was deleted meanwhile',
      [refusal(412), refusal(404), refusal(404), page([])],
      { kind: 'notFound' },
      goneLines,
    ],
  ])('%s', async (_, answers, outcome, lines) => {
    expect(await changing(inOrder(...answers), rename, { version })).toMatchObject({ outcome, lines });
  });
});

describe('a path without a target (noTarget)', () => {
  const mail = update('ada', [[work, 'a@x', 'b@x']], { userName: 'ada' });
  const noTarget = refusal(400, 'noTarget');

  test('a value that was removed at the target is added', async () => {
    const { outcome, lines, seen } = await changing(
      inOrder(noTarget, { body: { id: 'id-ada', userName: 'ada' } }, ok),
      mail,
    );
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).toEqual([patch, get, patch]);
    expect(seen[2]?.body.Operations).toEqual([{ op: 'add', path: 'emails', value: [{ type: 'work', value: 'b@x' }] }]);
  });

  test('the value is already correct', async () => {
    const gone = update('ada', [[work, 'a@x', null]], { userName: 'ada' });
    expect(await changing(inOrder(noTarget, { body: { id: 'id-ada', userName: 'ada' } }), gone)).toMatchObject({
      outcome: { kind: 'done' },
      lines: [patch, get],
    });
    expect(
      await changing(inOrder(noTarget, { body: { id: 'id-ada', emails: [{ type: 'work', value: 'b@x' }] } }), mail),
    ).toMatchObject({ outcome: { kind: 'done' }, lines: [patch, get] });
  });

  test('a target without filtered paths gets the whole attribute', async () => {
    const there = { body: { id: 'id-ada', emails: [{ type: 'work', value: 'a@x' }] } };
    const { outcome, seen } = await changing(inOrder(refusal(400, 'invalidPath'), there, ok), mail);
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(seen[2]?.body.Operations).toEqual([
      { op: 'replace', path: 'emails', value: [{ type: 'work', value: 'b@x' }] },
    ]);
    expect((await changing(inOrder(noTarget, there, noTarget, ok), mail)).lines).toEqual([patch, get, patch, patch]);
    expect((await changing(inOrder(noTarget, there, noTarget), mail)).outcome).toMatchObject({
      kind: 'rejected',
      detail: '400 (notarget): no',
    });
  });

  test('other elements are kept', async () => {
    const there = {
      body: {
        id: 'id-ada',
        emails: [
          { type: 'work', value: 'a@x', display: null },
          { type: 'home', value: 'h@x', primary: true },
        ],
      },
    };
    const { seen } = await changing(inOrder(refusal(400, 'invalidPath'), there, ok), mail);
    expect(seen[2]?.body.Operations).toEqual([
      {
        op: 'replace',
        path: 'emails',
        value: [
          { type: 'work', value: 'b@x' },
          { type: 'home', value: 'h@x', primary: true },
        ],
      },
    ]);
  });

  test.each<[string, Scripted, readonly string[], object, Partial<PreparedOperation>?]>([
    ['the reason may be the path', ok, [patch, get, patch], { kind: 'done' }],
    [
      'the path is not the reason',
      refusal(400, undefined, 'another no'),
      [patch, get, patch],
      { kind: 'rejected', detail: '400: no (the request changes emails[type eq "work"].value)' },
    ],
    ['an operation that failed before is sent once', ok, [patch], { kind: 'rejected' }, { failedBefore: true }],
  ])('a refusal without a reason: %s', async (_, last, lines, outcome, changes = {}) => {
    const there = { body: { id: 'id-ada', emails: [{ type: 'work', value: 'a@x' }] } };
    expect(await changing(inOrder(refusal(400), there, last), mail, changes)).toMatchObject({ outcome, lines });
  });

  test.each<[string, Scripted, EditOperation]>([
    ['a refusal with a reason is not about the path', refusal(400, 'invalidValue'), mail],
    ['neither is one for an attribute without elements', refusal(400), update('ada', [['title', 'x', 'y']])],
    ['neither is 403', refusal(403), mail],
  ])('%s', async (_, answer, operation) => {
    expect(await changing(inOrder(answer), operation)).toMatchObject({ outcome: { kind: 'rejected' }, lines: [patch] });
  });

  test('the account is missing', async () => {
    const answers = [noTarget, refusal(404), refusal(404), page([])];
    const { outcome } = await changing(inOrder(...answers), mail, { knownResource: { userName: 'ada' } });
    expect(outcome).toMatchObject({ kind: 'notFound' });
  });
});

describe('discover', () => {
  test.each<[Scripted | 'drop', object | undefined]>([
    [
      {
        body: {
          patch: { supported: true },
          filter: { supported: false },
          etag: { supported: 'true' },
          bulk: { supported: true, maxOperations: 10 },
        },
      },
      { patch: true, filter: false, etag: true, bulk: { supported: true, maxOperations: 10 } },
    ],
    // "bulk" lacks attributes that RFC 7643 requires; the others are used.
    [{ body: { patch: { supported: true }, bulk: { supported: false } } }, { patch: true, bulk: { supported: false } }],
    [{ body: { patch: 'yes' } }, undefined],
    [{ body: {} }, undefined],
    [{ body: '<html>' }, undefined],
    [refusal(404), undefined],
    ['drop', undefined],
  ])('%j', async (answer, expected) => {
    await using server = await scriptedServer(() => answer);
    using app = target(server.url);
    const discovery = await app.discover(never);
    if (expected === undefined) expect(discovery).toBeUndefined();
    else expect(discovery).toMatchObject(expected);
  });

  test('is kept to', async () => {
    await using server = await scriptedServer(({ url }) =>
      url === '/ServiceProviderConfig' ? { body: { patch: { supported: false } } } : ok,
    );
    using app = target(server.url);
    app.applyDiscovery(await app.discover(never));
    await app.perform(operationContext(rename), never);
    expect(server.lines()).toEqual(['GET /ServiceProviderConfig', get, put]);
  });
});
