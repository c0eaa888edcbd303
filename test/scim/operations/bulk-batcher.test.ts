import { describe, expect, test } from '@jest/globals';
import { managerPath } from '../../../src/model/path.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import { operationContext, create, members, never, remove, target, update } from '../fixtures.ts';
import { refusal, scriptedServer, type Script, type Scripted, type Seen } from '../scripted-server.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly bulkId?: string;
  readonly data?: any;
}

const asked = ({ body }: Seen): readonly Asked[] => body?.Operations ?? [];

/** A server that executes Bulk requests one after the other; `one` returns the result of each operation. */
const bulk =
  (
    one: (operation: Asked) => { readonly status?: number; readonly response?: object } | undefined = () => ({}),
    alone: Script = () => ({ status: 201, body: { id: 'alone' } }),
  ): Script =>
  (request, number) => {
    if (request.url !== '/Bulk') return alone(request, number);
    const Operations = asked(request).flatMap((operation) => {
      const result = one(operation);
      const { method, path, bulkId } = operation;
      const usual = method === 'POST' ? 201 : 200;
      const id = method === 'POST' ? `id-${operation.data.userName}` : path.split('/')[2];
      return result === undefined
        ? []
        : [
            {
              method,
              bulkId,
              status: String(result.status ?? usual),
              location: `https://x.example${method === 'POST' ? `${path}/${id}` : path}`,
              response: result.response,
            },
          ];
    });
    return { body: { Operations } };
  };

interface OfferedBulk {
  readonly supported: boolean;
  readonly maxOperations?: number;
  readonly maxPayloadSize?: number;
}

async function performAll(
  script: Script,
  operations: readonly Operation[],
  offeredBulk: OfferedBulk = { supported: true, maxOperations: 10 },
  protocol: Partial<Protocol> = {},
) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol: { bulk: 'offered', ...protocol } });
  app.applyDiscovery({ bulk: offeredBulk });
  const outcomes: PerformOutcome[] = [];
  for (const [index, operation] of operations.entries()) {
    await app.submit(async () => {
      outcomes[index] = (await app.perform(operationContext(operation), never)).outcome;
    });
  }
  await app.idle();
  return {
    outcomes,
    lines: server.lines(),
    seen: server.seen,
    kinds: outcomes.map(({ kind }) => kind),
    counters: app.counters,
  };
}

const people = (count: number): readonly Operation[] =>
  Array.from({ length: count }, (_, index) => create(`p${index}`));
/** `POST new1` or `PATCH /Users/x` for each operation. */
const brief = (seen: readonly Seen[]): readonly string[] =>
  seen.map((request) =>
    asked(request)
      .map(({ method, path, bulkId }) => `${method} ${bulkId ?? path}`)
      .join(' '),
  );

describe('concurrent operations share a Bulk request', () => {
  test('25 users in three requests, each with its own result', async () => {
    const { outcomes, lines, counters } = await performAll(bulk(), people(25));
    expect(lines).toEqual(Array(3).fill('POST /Bulk'));
    expect(outcomes).toEqual(
      people(25).map(({ key }) => ({ kind: 'done', status: 201, evidence: 'answered', remoteId: `id-${key}` })),
    );
    expect(counters.requests).toBe(3);
  });

  test('at most as many as the byte limit allows', async () => {
    const { seen, kinds } = await performAll(bulk(), people(9), { supported: true, maxPayloadSize: 900 });
    expect(kinds).toEqual(Array(9).fill('done'));
    expect(seen.length).toBeGreaterThan(1);
    for (const { text } of seen) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900);
  });

  test('also updates, deletions and memberships', async () => {
    const { kinds, seen } = await performAll(bulk(), [
      update('ada', [['title', 'x', 'y']]),
      remove('bob'),
      members(['a'], ['b']),
    ]);
    expect(kinds).toEqual(['done', 'done', 'done']);
    expect(brief(seen)).toEqual(['PATCH /Users/id-ada DELETE /Users/id-bob PATCH /Groups/id-eng']);
  });

  describe('a method that fails inside Bulk is sent outside of it', () => {
    const alone: Script = ({ method, body }) =>
      method === 'POST' ? { status: 201, body: { id: `id-${body.userName}` } } : { body: { id: 'any' } };
    const outside = (seen: readonly Seen[]): readonly string[] =>
      seen.flatMap(({ method, url }) => (url === '/Bulk' ? [] : [`${method} ${url}`])).toSorted();
    const inside = (seen: readonly Seen[]): readonly string[] => brief(seen.filter(({ url }) => url === '/Bulk'));

    test('PATCH, with the ids of users that Bulk has created', async () => {
      const operations = [...people(2), update('ada', [['title', 'x', 'y']]), remove('bob'), members(['p0', 'a'])];
      const { kinds, seen } = await performAll(bulk(undefined, alone), operations, undefined, {
        bulkMethods: ['POST', 'PUT', 'DELETE'],
      });
      expect(kinds).toEqual(Array(5).fill('done'));
      expect(inside(seen)).toEqual(['POST new1 POST new2 DELETE /Users/id-bob']);
      expect(outside(seen)).toEqual(['PATCH /Groups/id-eng', 'PATCH /Users/id-ada']);
      expect(seen.find(({ url }) => url === '/Groups/id-eng')?.body.Operations[0].value).toEqual([
        { value: 'id-p0' },
        { value: 'id-a' },
      ]);
    });

    test('POST', async () => {
      const operations = [...people(2), update('ada', [['title', 'x', 'y']]), remove('bob')];
      const { kinds, seen } = await performAll(bulk(undefined, alone), operations, undefined, {
        bulkMethods: ['PATCH', 'DELETE'],
      });
      expect(kinds).toEqual(Array(4).fill('done'));
      expect(inside(seen)).toEqual(['PATCH /Users/id-ada DELETE /Users/id-bob']);
      expect(outside(seen)).toEqual(['POST /Users', 'POST /Users']);
    });
  });

  // Otherwise their results could not be distinguished.
  test('an update that is not found inside Bulk is sent outside of it, and so are the next ones', async () => {
    const alone: Script = ({ method, url }) =>
      method === 'GET' ? refusal(404) : { body: { id: url.split('/').at(-1), title: 'b', active: true } };
    const operations = Array.from({ length: 25 }, (_, index) => update(`p${index}`, [['title', 'a', 'b']]));
    const { kinds, lines } = await performAll(
      bulk(() => ({ status: 404 }), alone),
      operations,
    );
    expect(kinds).toEqual(operations.map(() => 'done'));
    expect(lines.filter((line) => line === 'POST /Bulk').length).toBeLessThan(3);
    expect(new Set(lines.filter((line) => line.startsWith('PATCH'))).size).toBe(25);
  });

  test('two operations with the same method and path are in different requests', async () => {
    const { kinds, seen } = await performAll(bulk(), [
      members(['a']),
      update('ada', [['title', 'x', 'y']]),
      members(['b']),
      update('ada', [['title', 'y', 'z']]),
      members(['c']),
    ]);
    expect(kinds).toEqual(Array(5).fill('done'));
    expect(brief(seen.slice(0, 2))).toEqual(Array(2).fill('PATCH /Groups/id-eng PATCH /Users/id-ada'));
    expect(seen.map(({ url }) => url)).toEqual(['/Bulk', '/Bulk', '/Groups/id-eng']);
  });

  test('a single operation needs no Bulk request', async () => {
    expect((await performAll(bulk(), people(1))).lines).toEqual(['POST /Users']);
  });

  test.each<[string, OfferedBulk, Partial<Protocol>]>([
    ['the target does not offer Bulk', { supported: false }, {}],
    ['the profile forbids Bulk', { supported: true }, { bulk: 'never' }],
    ['the concurrency is one', { supported: true, maxOperations: 1 }, {}],
  ])('operations are sent one by one if %s', async (_, offeredBulk, protocol) => {
    expect((await performAll(bulk(), people(3), offeredBulk, protocol)).lines).toEqual(Array(3).fill('POST /Users'));
  });
});

describe('a reference to a user in the same Bulk request is a bulkId', () => {
  const boss = create('BOSS', { userName: 'BOSS', active: true });
  const report = create('REPORT', { userName: 'REPORT', active: true, [managerPath]: 'BOSS' });
  const managerOf = (data: any): unknown =>
    Object.values(data)
      .map((value: any) => value?.manager?.value)
      .find((value) => value !== undefined);

  test('of a manager and of a member', async () => {
    const { kinds, seen } = await performAll(bulk(), [boss, report, members(['BOSS', 'a'])]);
    expect(kinds).toEqual(['done', 'done', 'done']);
    const [first, second, third] = asked(seen[0]!);
    expect(first?.bulkId).toBe('new1');
    expect(managerOf(second?.data)).toBe('bulkId:new1');
    expect(third?.data.Operations).toEqual([
      { op: 'add', path: 'members', value: [{ value: 'bulkId:new1' }, { value: 'id-a' }] },
    ]);
    expect(seen).toHaveLength(1);
  });

  test('an operation has at most one bulkId, because some servers resolve only one', async () => {
    const { kinds, seen, lines } = await performAll(bulk(), [
      boss,
      create('CHIEF', { userName: 'CHIEF' }),
      members(['BOSS', 'CHIEF', 'a']),
    ]);
    expect(kinds).toEqual(['done', 'done', 'done']);
    expect(lines).toEqual(['POST /Bulk', 'PATCH /Groups/id-eng']);
    expect(seen[1]?.body.Operations[0].value).toEqual([{ value: 'id-BOSS' }, { value: 'id-CHIEF' }, { value: 'id-a' }]);
  });

  test('in a later Bulk request it is the assigned id', async () => {
    const { kinds, seen } = await performAll(bulk(), [boss, create('p1'), report, create('p2')], {
      supported: true,
      maxOperations: 2,
    });
    expect(kinds).toEqual(['done', 'done', 'done', 'done']);
    const reportBody = seen
      .flatMap((request) => (request.url === '/Bulk' ? asked(request).map(({ data }) => data) : [request.body]))
      .find(({ userName }) => userName === 'REPORT');
    expect(managerOf(reportBody)).toBe('id-BOSS');
  });

  test('if the referenced create fails, the other operation is sent without the reference', async () => {
    const refusing = bulk(
      ({ data }) => {
        if (data.userName === 'BOSS') return { status: 400, response: { detail: 'no bosses' } };
        return JSON.stringify(data).includes('bulkId:') ? { status: 400, response: { scimType: 'invalidValue' } } : {};
      },
      () => ({ status: 201, body: { id: 'id-REPORT' } }),
    );
    const { outcomes } = await performAll(refusing, [boss, report]);
    expect(outcomes[0]).toMatchObject({ kind: 'rejected', status: 400, detail: '400: no bosses' });
    expect(outcomes[1]).toMatchObject({ kind: 'done', remoteId: 'id-REPORT', unresolved: [managerPath] });
  });

  test('a user whose create failed is not a member, for each status (409: RFC 7644 section 3.7.2)', async () => {
    const refusing = bulk(({ method, data }) =>
      method === 'POST'
        ? { status: 400, response: { detail: 'no bosses' } }
        : JSON.stringify(data).includes('bulkId:')
          ? { status: 409 }
          : {},
    );
    const { outcomes } = await performAll(refusing, [boss, members(['BOSS'])]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'skipped']);
    const { outcomes: others } = await performAll(refusing, [boss, members(['BOSS', 'a', 'b'])]);
    expect(others[1]).toMatchObject({ kind: 'done', rejectedMembers: [{ key: 'BOSS' }] });
  });
});

describe('responses', () => {
  test('a conflict concerns only its own user', async () => {
    const found: Scripted = {
      body: { totalResults: 1, Resources: [{ id: 'old', userName: 'p1', externalId: 'p1', active: true }] },
    };
    const { outcomes, lines } = await performAll(
      bulk(
        ({ data }) => (data.userName === 'p1' ? { status: 409 } : {}),
        () => found,
      ),
      people(3),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'existing', 'done']);
    expect(lines.filter((line) => line.startsWith('POST'))).toEqual(['POST /Bulk']);
  });

  test('an operation that is too large for a Bulk request is sent alone', async () => {
    let refused = 0;
    const { kinds, lines } = await performAll(
      bulk(({ data }) => (data.userName === 'p1' && refused++ === 0 ? { status: 429 } : {})),
      people(3),
    );
    expect(kinds).toEqual(['done', 'done', 'done']);
    expect(lines).toEqual(['POST /Bulk', 'POST /Users']);
  });

  test('a create without a result is looked up, and not sent again by this pass', async () => {
    const emptyList: Scripted = { body: { totalResults: 0, Resources: [] } };
    const { kinds, lines } = await performAll(
      bulk(
        ({ data }) => (data.userName === 'p1' ? undefined : {}),
        ({ method }) => (method === 'GET' ? emptyList : { status: 201, body: { id: 'x' } }),
      ),
      people(3),
    );
    expect(kinds).toEqual(['done', 'unknown', 'done']);
    expect(lines[0]).toBe('POST /Bulk');
    expect(lines.slice(1).every((line) => line.startsWith('GET /Users?filter='))).toBe(true);
  });

  test.each([[404], [501], [400], [403]])('%i to the whole request: from then on one by one', async (status) => {
    const { kinds, lines } = await performAll(
      (request, number) => (request.url === '/Bulk' ? refusal(status) : bulk()(request, number)),
      people(12),
    );
    expect(kinds).toEqual(Array(12).fill('done'));
    expect(lines.filter((line) => line === 'POST /Bulk')).toHaveLength(1);
    expect(lines.filter((line) => line === 'POST /Users')).toHaveLength(12);
  });

  test('413 to the whole request: in halves, from then on with half the size', async () => {
    const few: Script = (request, number) => (asked(request).length > 5 ? refusal(413) : bulk()(request, number));
    const { kinds, seen } = await performAll(few, people(20));
    expect(kinds).toEqual(Array(20).fill('done'));
    expect(seen.map((request) => asked(request).length)).toEqual([10, 5, 5, 5, 5]);
  });

  test.each<[string, Scripted | 'drop']>([
    ['there is no response', 'drop'],
    ['a gateway times out', refusal(504)],
  ])('from then on half the size if %s to the whole request', async (_, answer) => {
    const emptyList: Scripted = { body: { totalResults: 0, Resources: [] } };
    const slow = bulk(
      () => ({}),
      ({ method }) => (method === 'GET' ? emptyList : { status: 201, body: { id: 'alone' } }),
    );
    const { kinds, seen } = await performAll(
      (request, number) => (asked(request).length > 5 ? answer : slow(request, number)),
      people(20),
    );
    expect(kinds).toEqual([...Array<string>(10).fill('unknown'), ...Array<string>(10).fill('done')]);
    const sizes = seen.map((request) => asked(request).length).filter((size) => size > 0);
    expect(sizes[0]).toBe(10);
    expect(Math.max(...sizes.slice(2))).toBe(5);
  });

  test('a reference waits for a create that is sent outside of Bulk', async () => {
    const { kinds, seen, lines } = await performAll(
      (request, number) =>
        request.url === '/Bulk'
          ? refusal(501)
          : bulk(undefined, ({ body }) => ({ status: 201, body: { id: `id-${body.userName}` } }))(request, number),
      [...people(10), create('BOSS', { userName: 'BOSS', active: true }), members(['BOSS', 'a'])],
    );
    expect(kinds).toEqual(Array(12).fill('done'));
    expect(lines.at(-1)).toBe('PATCH /Groups/id-eng');
    expect(seen.at(-1)?.body.Operations[0].value).toEqual([{ value: 'id-BOSS' }, { value: 'id-a' }]);
  });

  const emptyList: Scripted = { body: { totalResults: 0, Resources: [] } };
  const page: Scripted = { body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } };
  test.each<[string, Scripted, number]>([
    ['a success without results', { body: {} }, 2],
    ['202', { status: 202 }, 0],
    ['a web page', page, 0],
  ])('%s leaves all operations in doubt, and none is sent again', async (_, answer, minLookups) => {
    const { kinds, lines } = await performAll(
      ({ method, url }) =>
        url === '/Bulk' ? answer : method === 'GET' ? emptyList : { status: 201, body: { id: `x${url}` } },
      people(2),
    );
    expect(kinds).toEqual(['unknown', 'unknown']);
    expect(lines.filter((line) => line.startsWith('POST'))).toEqual(['POST /Bulk']);
    expect(lines.filter((line) => line.startsWith('GET')).length).toBeGreaterThanOrEqual(minLookups);
  });

  test('a server that is down fails all operations', async () => {
    const { kinds } = await performAll(() => refusal(503), people(3));
    expect(kinds).toEqual(['unknown', 'unknown', 'unknown']);
  });
});

test('a bulkId that is resolved later is the assigned id', async () => {
  await using server = await scriptedServer(bulk());
  using app = target(server.url, { protocol: { bulk: 'offered' } });
  app.applyDiscovery({ bulk: { supported: true } });
  await Promise.all(
    [create('ada'), create('bob')].map((operation) =>
      app.perform(operationContext(operation, { ids: new Map() }), never),
    ),
  );
  const later = [members(['ada']), update('x', [['title', null, 'y']])].map((operation) =>
    app.perform(
      operationContext(operation, {
        ids: new Map(),
      }),
      never,
    ),
  );
  await Promise.all(later);
  expect(asked(server.seen[1]!)[0]?.data.Operations[0].value).toEqual([{ value: 'id-ada' }]);
});
