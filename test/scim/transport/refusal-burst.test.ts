import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import { nextBurst, type RefusalBurst } from '../../../src/scim/transport/refusal-burst.ts';
import { create, never, operationContext, remove, target, update } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

const rejected = (status: number, detail: string): PerformOutcome => ({ kind: 'rejected', status, detail });
const sizeAfter = (outcomes: readonly PerformOutcome[]): number =>
  outcomes.reduce<RefusalBurst | undefined>((burst, one, index) => nextBurst(burst, `User:${index}`, one), undefined)
    ?.resources.size ?? 0;

test.each<[string, readonly PerformOutcome[], number]>([
  ['the same 404', [rejected(404, 'no a1b2'), rejected(404, 'no c3d4')], 2],
  ['the same 405', [rejected(405, 'x'), rejected(405, 'x'), rejected(405, 'x')], 3],
  [
    'the same 5xx',
    [
      { kind: 'unavailable', status: 502, detail: 'x' },
      { kind: 'unavailable', status: 502, detail: 'x' },
    ],
    2,
  ],
  ['other words', [rejected(404, 'no such user'), rejected(404, 'no such backend')], 1],
  ['another status', [rejected(404, 'x'), rejected(405, 'x')], 1],
  ['a success between', [rejected(404, 'x'), { kind: 'done', status: 200 }, rejected(404, 'x')], 1],
  ['a proven absence between', [rejected(404, 'x'), { kind: 'notFound', status: 404, detail: '' }], 0],
  ['a refusal of the application between', [rejected(404, 'x'), rejected(400, 'y'), rejected(404, 'x')], 1],
  ['a skipped operation between', [rejected(404, 'x'), { kind: 'skipped', detail: '' }, rejected(404, 'x')], 2],
  ['no answer between', [rejected(404, 'x'), { kind: 'unknown', detail: '' }, rejected(404, 'x')], 2],
])('%s', (_, outcomes, size) => {
  expect(sizeAfter(outcomes)).toBe(size);
});

test('the same resource counts once', () => {
  const first = nextBurst(undefined, 'User:ada', rejected(404, 'x'));
  expect(nextBurst(first, 'User:ada', rejected(404, 'x'))?.resources.size).toBe(1);
});

describe('a burst of the same answer to several accounts', () => {
  const web: Scripted = { status: 404, body: '<html>no backend</html>', headers: { 'Content-Type': 'text/html' } };

  /** Deactivates twelve users, one after the other. */
  async function deactivating(script: Script): Promise<readonly [patches: number, isStopped: boolean]> {
    await using server = await scriptedServer(script);
    using app = target(server.url);
    for (let user = 0; user < 12; user += 1) {
      const knownResource = { userName: `p${user}` };
      const closing: Operation = {
        ...update(`p${user}`, [['active', true, false]], knownResource),
        action: 'deactivate',
      };
      await app.perform(operationContext(closing, { knownResource }), never);
    }
    const patches = server.lines().filter((line) => line.startsWith('PATCH')).length;
    return [patches, app.unavailableReason !== undefined];
  }

  test('stops the target if everything is answered in this way', async () => {
    expect(await deactivating(() => web)).toEqual([5, true]);
  });

  test('stops the target if each path with an id is answered in this way', async () => {
    const script: Script = ({ url }) => (/\/Users\/id-/.test(url) ? web : page([{ id: '1', userName: 'eve' }]));
    expect(await deactivating(script)).toEqual([5, true]);
  });

  test('does not stop the target if the accounts can be read', async () => {
    const script: Script = ({ method, url }) =>
      method !== 'GET' ? web : /\/Users\/id-/.test(url) ? { body: { id: url.slice(7), active: true } } : page([]);
    expect(await deactivating(script)).toEqual([12, false]);
  });

  test('does not stop the target if the accounts are proven missing', async () => {
    const script: Script = ({ url }) => (/\/Users\/id-/.test(url) ? refusal(404) : page([]));
    expect(await deactivating(script)).toEqual([12, false]);
  });
});

describe('a gateway that answers every change, while reads are answered', () => {
  const html = { body: '<html>no backend</html>', headers: { 'Content-Type': 'text/html' } };
  const answers: Readonly<Record<string, Scripted>> = {
    '502 without a body': { status: 502 },
    '503 as a web page': { status: 503, ...html },
    '404 as a web page': { status: 404, ...html },
    '404 as JSON': { status: 404, body: { message: 'no route' } },
  };
  const operations: Readonly<Record<string, (user: number) => Operation>> = {
    create: (user) => create(`p${user}`),
    update: (user) => update(`p${user}`, [['title', 'x', 'y']], { userName: `p${user}` }),
    delete: (user) => remove(`p${user}`),
  };

  /** Sends this number of operations about different users, four at a time. */
  async function sending(count: number, script: Script, operationFor: (user: number) => Operation) {
    await using server = await scriptedServer(script);
    using app = target(server.url);
    for (let user = 0; user < count; user += 4)
      await Promise.all(
        [0, 1, 2, 3].map((more) => {
          const operation = operationFor(user + more);
          const context = operationContext(operation, { knownResource: { userName: operation.key, title: 'x' } });
          return app.perform(context, never);
        }),
      );
    return { requests: server.seen.length, isStopped: app.unavailableReason !== undefined };
  }

  const noOperation = (): Operation => {
    throw new Error('there is no such operation');
  };

  const reads = (url: string): Scripted =>
    /\/Users\/id-/.test(url) ? { body: { id: url.slice(7), userName: url.slice(10), active: true } } : page([]);

  // A create that a JSON 404 refuses is a refusal of the record: the application may have sent it.
  const cases = Object.keys(answers)
    .flatMap((answer) => Object.keys(operations).map((action) => [answer, action] as const))
    .filter(([answer, action]) => !(answer === '404 as JSON' && action === 'create'));

  test.each(cases)('%s to each %s stops the target', async (answer, action) => {
    const script: Script = ({ method, url }) => (method === 'GET' ? reads(url) : (answers[answer] ?? refusal(500)));
    const { requests, isStopped } = await sending(1000, script, operations[action] ?? noOperation);
    expect(isStopped).toBe(true);
    expect(requests).toBeLessThan(300);
  });

  test('one accepted change in ten does not stop the target', async () => {
    const script: Script = ({ method, url }) => {
      if (method === 'GET') return reads(url);
      return url.endsWith('0') ? { body: { id: url.slice(7), active: true, title: 'y' } } : { status: 503, ...html };
    };
    expect((await sending(60, script, operations['update'] ?? noOperation)).isStopped).toBe(false);
  });
});
