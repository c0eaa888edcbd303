import { describe, expect, test } from '@jest/globals';
import type { Protocol } from '../../../src/model/profile.ts';
import { page, refusal, scriptedServer, type Script } from '../scripted-server.ts';
import { operationContext, create, never, target, update } from '../fixtures.ts';

const twoEdits = update(
  'ada',
  [
    ['title', 'x', 'y'],
    ['nickName', 'a', 'b'],
  ],
  { userName: 'ada' },
);

async function changing(
  script: Script,
  protocol: Partial<Protocol>,
  operation: Parameters<typeof operationContext>[0] = twoEdits,
) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol });
  return { outcome: (await app.perform(operationContext(operation), never)).outcome, lines: server.lines() };
}

describe('a success response without the effect', () => {
  const showing =
    (there: object): Script =>
    ({ method }) =>
      method === 'GET' ? { body: { id: 'id-ada', ...there } } : { status: 200, body: {} };

  test.each<[string, object, object]>([
    ['all values are stored', { title: 'y', nickName: 'b' }, { kind: 'done' }],
    [
      'no value is stored',
      { title: 'x' },
      { kind: 'rejected', status: 200, detail: 'answered 200, but title is "x", nickName is absent' },
    ],
    [
      'some values are stored',
      { title: 'y', nickName: 'a' },
      { kind: 'done', unresolved: ['nickName'], detail: 'answered 200, but nickName is "a"' },
    ],
  ])('%s', async (_, there, outcome) => {
    expect((await changing(showing(there), { verifyWrites: 'always' })).outcome).toMatchObject(outcome);
  });

  test('is not verified if the profile does not require it', async () => {
    expect((await changing(showing({}), {})).lines).toEqual(['PATCH /Users/id-ada']);
  });

  test('of a create is sent again as an update', async () => {
    const script: Script = ({ method }) =>
      method === 'POST' ? { status: 201, body: { id: '1' } } : { body: { id: '1', userName: 'ada', active: true } };
    const { outcome } = await changing(
      script,
      { verifyWrites: 'always' },
      create('ada', { userName: 'ada', active: true, title: 'Nurse' }),
    );
    expect(outcome).toMatchObject({ kind: 'done', remoteId: '1', unresolved: ['title'] });
  });
});

describe('a deactivation whose response shows an active account', () => {
  const closing = { ...update('ada', [['active', true, false]], { userName: 'ada' }), action: 'deactivate' as const };
  const answering =
    (answer: object, read: object | 'missing' | 'refused'): Script =>
    ({ method }) => {
      if (method !== 'GET') return { body: { id: 'id-ada', ...answer } };
      return read === 'missing'
        ? { status: 404, body: {} }
        : read === 'refused'
          ? refusal(403)
          : { body: { id: 'id-ada', ...read } };
    };
  const refused = { kind: 'rejected', status: 200, detail: 'answered 200, but active is true' };

  test.each<[string, object, object | 'missing' | 'refused', object, number]>([
    ['and the account is active', { active: true }, { active: true }, refused, 2],
    ['with active as text', { active: 'True' }, { active: 'True' }, refused, 2],
    ['and the account cannot be read', { active: true }, 'refused', refused, 2],
    ['and the account is inactive', { active: true }, { active: false }, { kind: 'done' }, 2],
    ['and the account is missing', { active: true }, 'missing', { kind: 'done' }, 2],
    ['and the account is inactive after all', { active: false }, { active: true }, { kind: 'done' }, 1],
    ['without active', {}, { active: true }, { kind: 'done' }, 1],
  ])('%s', async (_, answer, read, outcome, requests) => {
    const { outcome: actual, lines } = await changing(answering(answer, read), {}, closing);
    expect(actual).toMatchObject(outcome);
    expect(lines).toHaveLength(requests);
  });
});

const byUserName = 'GET /Users?filter=userName eq "ada"';

describe('a refusal without a reason', () => {
  const refusing =
    (word: string): Script =>
    ({ body }) =>
      JSON.stringify(body ?? {}).includes(word)
        ? refusal(400, undefined, 'remote error')
        : { status: 201, body: { id: 'id-ada' } };

  test('of one attribute of many: the others are changed, and it is reported', async () => {
    const { outcome, lines } = await changing(refusing('nickName'), {});
    expect(outcome).toMatchObject({
      kind: 'done',
      refused: ['nickName'],
      detail: 'without nickName, refused by the target: 400: remote error',
    });
    expect(lines).toHaveLength(3);
  });

  test('for an immutable attribute does not block the others', async () => {
    const script: Script = ({ body }) =>
      JSON.stringify(body ?? {}).includes('nickName')
        ? refusal(400, 'mutability', 'it is immutable')
        : { status: 200, body: { id: 'id-ada' } };
    const { outcome, lines } = await changing(script, {});
    expect(outcome).toMatchObject({
      kind: 'done',
      refused: ['nickName'],
      detail: 'without nickName, refused by the target: 400 (mutability): it is immutable',
    });
    expect(lines).toHaveLength(3);
  });

  test('followed by a request without a response: no edit counts as done', async () => {
    const edits = update(
      'ada',
      [
        ['title', 'x', 'y'],
        ['nickName', 'a', 'b'],
        ['locale', 'c', 'd'],
      ],
      { userName: 'ada' },
    );
    const script: Script = ({ body }) => {
      const operations = (body?.Operations ?? []) as { path: string }[];
      if (operations.length > 1) return refusal(400, undefined, 'remote error');
      return operations[0]?.path === 'nickName' ? 'drop' : { body: { id: 'id-ada' } };
    };
    expect((await changing(script, {}, edits)).outcome).toMatchObject({ kind: 'unknown' });
  });

  test('of a person, and no answer to her with less: she may be there', async () => {
    const script: Script = ({ method, body }) => {
      if (method === 'GET') return page([]);
      return JSON.stringify(body).includes('title') ? refusal(400) : { status: 502, body: {} };
    };
    expect((await changing(script, {}, create('ada', { userName: 'ada', title: 'Nurse' }))).outcome).toMatchObject({
      kind: 'unknown',
    });
  });

  test('of all attributes', async () => {
    expect((await changing(refusing('path'), {})).outcome).toMatchObject({
      kind: 'rejected',
      detail: '400: remote error (the request changes title, nickName; sent one by one, they are refused too)',
    });
  });

  test('of a create for one attribute: the account is created without it', async () => {
    const { outcome, lines } = await changing(
      refusing('timezone'),
      {},
      create('ada', { userName: 'ada', active: true, timezone: 'CET', title: 'Nurse' }),
    );
    expect(outcome).toMatchObject({
      kind: 'done',
      remoteId: 'id-ada',
      unresolved: ['timezone', 'title'],
      detail: 'created without timezone, title; the target refused it with them: 400: remote error',
    });
    expect(lines).toEqual(['POST /Users', byUserName, 'POST /Users']);
  });

  test('of a person whatever is left out is a refusal, and after five nothing is left out any more', async () => {
    await using server = await scriptedServer(({ method }) => (method === 'GET' ? page([]) : refusal(400)));
    using app = target(server.url);
    for (let at = 0; at < 7; at += 1) {
      const person = create('ada', { userName: 'ada', title: 'Nurse' });
      expect((await app.perform(operationContext(person), never)).outcome).toMatchObject({ kind: 'rejected' });
    }
    expect(server.lines()).toHaveLength(5 * 3 + 2);
  });
});
