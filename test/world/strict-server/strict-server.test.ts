import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { enterprise } from './schema.ts';
import { startStrictServer, type StrictServer } from './strict-server.ts';

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface TestResponse {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

async function request(
  server: StrictServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<TestResponse> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/scim+json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    headers: response.headers,
  };
}

describe('the strict server rejects', () => {
  let server: StrictServer;
  let ada: string;
  let team: string;

  beforeAll(async () => {
    server = await startStrictServer({ refuseDuplicateMembers: true });
    ada = server.seed('User', { userName: 'ada', emails: [{ type: 'work', value: 'a@x.example' }] });
    const bob = server.seed('User', { userName: 'bob' });
    team = server.seed('Group', { displayName: 'Team', members: [{ value: bob }] });
  });
  afterAll(() => server.close());

  test.each([
    ['an existing userName in upper case', { userName: 'ADA' }, 409, 'uniqueness'],
    ['an unknown attribute', { userName: 'x', shoeSize: '9' }, 400, 'invalidValue'],
    ['a string as the value of active', { userName: 'x', active: 'true' }, 400, 'invalidValue'],
    ['an unknown manager', { userName: 'x', [enterprise]: { manager: { value: 'u-zz' } } }, 400, 'invalidValue'],
    ['a user without a userName', { active: true }, 400, 'invalidValue'],
  ])('%s', async (_what, resource, status, scimType) => {
    const response = await request(server, 'POST', '/Users', {
      schemas: [core, ...(enterprise in resource ? [enterprise] : [])],
      ...resource,
    });
    expect([response.status, response.body['scimType']]).toEqual([status, scimType]);
  });

  test.each([
    ['a value without a path that is not an object', { op: 'add', value: 'x' }, 'invalidValue'],
    ['a remove without a path', { op: 'remove' }, 'noTarget'],
    [
      'a replace of an element that does not exist',
      { op: 'replace', path: 'emails[type eq "home"].value', value: 'h@x.example' },
      'noTarget',
    ],
    ['an unknown path', { op: 'replace', path: 'shoeSize', value: '9' }, 'invalidPath'],
    ['the id', { op: 'replace', path: 'id', value: '9' }, 'mutability'],
    ['a string as the value of active', { op: 'replace', path: 'active', value: 'False' }, 'invalidValue'],
  ])('in a PATCH: %s', async (_what, operation, scimType) => {
    const response = await request(server, 'PATCH', `/Users/${ada}`, { schemas: [patchOp], Operations: [operation] });
    expect([response.status, response.body['scimType']]).toEqual([400, scimType]);
  });

  test.each([
    ['an unknown member', { op: 'add', path: 'members', value: [{ value: 'u-zz' }] }],
    ['a remove of a user who is not a member', { op: 'remove', path: 'members[value eq "u-1"]' }],
    ['an add of an existing member', { op: 'add', path: 'members', value: [{ value: 'u-2' }] }],
  ])('of a group: %s', async (_what, operation) => {
    const response = await request(server, 'PATCH', `/Groups/${team}`, { schemas: [patchOp], Operations: [operation] });
    expect(response.status).toBe(400);
  });

  test('a wrong token, another content type, and a duplicate group name', async () => {
    expect((await request(server, 'GET', '/Users', undefined, { Authorization: 'Bearer no' })).status).toBe(401);
    expect((await request(server, 'POST', '/Users', {}, { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await request(server, 'POST', '/Groups', { schemas: [group], displayName: 'TEAM' })).status).toBe(409);
  });
});

describe('the strict server', () => {
  test('supports create, PATCH, filter and delete of a user', async () => {
    await using server = await startStrictServer();
    const { body, status } = await request(server, 'POST', '/Users', {
      schemas: [core, enterprise],
      userName: 'ada',
      externalId: '1',
      [enterprise]: { department: 'R' },
    });
    expect(status).toBe(201);
    const operations = [
      { op: 'replace', path: `${enterprise}:department`, value: 'S' },
      { op: 'add', path: 'emails', value: [{ type: 'work', value: 'a@x.example' }] },
      { op: 'Replace', value: { active: false, name: { givenName: 'Ada' } } },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'b@x.example' },
    ];
    expect(
      (await request(server, 'PATCH', `/Users/${String(body['id'])}`, { schemas: [patchOp], Operations: operations }))
        .status,
    ).toBe(200);
    const match = await request(
      server,
      'GET',
      `/Users?filter=${encodeURIComponent('userName eq "ADA" and externalId eq "1"')}`,
    );
    expect(match.body['Resources']).toMatchObject([
      {
        userName: 'ada',
        active: false,
        name: { givenName: 'Ada' },
        emails: [{ type: 'work', value: 'b@x.example' }],
        [enterprise]: { department: 'S' },
      },
    ]);
    expect((await request(server, 'DELETE', `/Users/${String(body['id'])}`)).status).toBe(204);
    expect((await request(server, 'GET', `/Users/${String(body['id'])}`)).status).toBe(404);
    expect(server.log.map((entry) => `${entry.method} ${entry.status}`)).toEqual([
      'POST 201',
      'PATCH 200',
      'GET 200',
      'DELETE 204',
      'GET 404',
    ]);
  });

  test('supports index paging with at most 100 resources per page', async () => {
    await using server = await startStrictServer();
    for (let number = 0; number < 250; number += 1) server.seed('User', { userName: `u${number}` });
    const page = await request(server, 'GET', '/Users?startIndex=201&count=500');
    expect([page.body['totalResults'], page.body['itemsPerPage'], page.body['startIndex']]).toEqual([250, 50, 201]);
    expect((await request(server, 'GET', '/Users?startIndex=251')).body['Resources']).toEqual([]);
  });

  test('requires If-Match and rejects an old version', async () => {
    await using server = await startStrictServer({ etags: true, requireIfMatch: true });
    const id = server.seed('User', { userName: 'ada' });
    const change = { schemas: [patchOp], Operations: [{ op: 'replace', path: 'title', value: 'T' }] };
    const statuses = [];
    for (const version of [undefined, 'W/"7"', 'W/"1"', 'W/"1"']) {
      statuses.push(
        (await request(server, 'PATCH', `/Users/${id}`, change, version === undefined ? {} : { 'If-Match': version }))
          .status,
      );
    }
    expect(statuses).toEqual([428, 412, 200, 412]);
  });

  test('responds with 429 beyond the limit of a sliding second', async () => {
    await using server = await startStrictServer({ requestsPerSecond: 5 });
    const responses = await Promise.all(Array.from({ length: 12 }, () => request(server, 'GET', '/Users')));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(responses.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
  });

  test('drops connections and responds with errors, before and after the write', async () => {
    await using server = await startStrictServer({
      fault: (_entry, number) =>
        (['dropAfter', 'dropBefore', { status: 500, after: true }, { status: 503 }] as const)[number - 1],
    });
    const create = (userName: string): Promise<number> =>
      request(server, 'POST', '/Users', { schemas: [core], userName }).then(
        ({ status }) => status,
        () => 0,
      );
    expect([await create('a'), await create('b'), await create('c'), await create('d'), await create('e')]).toEqual([
      0, 0, 500, 503, 201,
    ]);
    expect([...server.users.values()].map(({ data }) => data['userName'])).toEqual(['a', 'c', 'e']);
  });

  test('rejects PATCH if configured, and PUT replaces the resource', async () => {
    await using server = await startStrictServer({ patch: false });
    const id = server.seed('User', { userName: 'ada', title: 'T' });
    expect((await request(server, 'PATCH', `/Users/${id}`, { schemas: [patchOp], Operations: [] })).status).toBe(501);
    expect(
      (await request(server, 'PUT', `/Users/${id}`, { schemas: [core], userName: 'ada' })).body['title'],
    ).toBeUndefined();
  });
});
