import { describe, expect, test } from '@jest/globals';
import { enterpriseUserSchema } from '../../../src/model/path.ts';
import { withEndpoints } from '../../../src/scim/encode/urls.ts';
import { dialectOf } from '../../../src/scim/transport/dialect.ts';
import { profileWith } from '../../world/profile.ts';
import { page, scriptedServer } from '../scripted-server.ts';
import { operationContext, create, never, target, update } from '../fixtures.ts';

const theirs = 'urn:example:their:2.0:User';

test.each([
  ['json', '{"active":true,"list":[false],"text":"true"}'],
  ['text', '{"active":"true","list":["false"],"text":"true"}'],
  ['titleText', '{"active":"True","list":["False"],"text":"true"}'],
] as const)('booleans as %s', (booleans, expected) => {
  expect(
    dialectOf(profileWith({ protocol: { booleans } })).encodeBody({ active: true, list: [false], text: 'true' }),
  ).toBe(expected);
});

test('requests, filters and responses use the URN of the application for enterprise attributes', () => {
  const dialect = dialectOf(profileWith({ supports: { enterpriseSchema: theirs } }));
  const ours = { schemas: [enterpriseUserSchema], [enterpriseUserSchema]: { department: 'Care' } };
  expect(JSON.parse(dialect.encodeBody(ours))).toEqual({ schemas: [theirs], [theirs]: { department: 'Care' } });
  expect(JSON.parse(dialect.decodeText(dialect.encodeBody(ours)))).toEqual(ours);
  expect(dialect.encodeFilter(`${enterpriseUserSchema}:employeeNumber eq "1"`)).toBe(`${theirs}:employeeNumber eq "1"`);
});

test.each([
  ['/Users', '/users'],
  ['/Users/a%7Cb', '/users/a%7Cb'],
  ['/Groups/1', '/Groups/'.concat('1')],
  ['/ServiceProviderConfig', '/ServiceProviderConfigs'],
  ['/Bulk', '/Bulk'],
])('%s is at %s', (path, expected) => {
  expect(withEndpoints(path, { users: '/users', groups: '/Groups', discovery: '/ServiceProviderConfigs' })).toBe(
    expected,
  );
});

describe('on the wire', () => {
  test('endpoints, headers and booleans follow the profile', async () => {
    await using server = await scriptedServer(() => ({ status: 201, body: { id: '1' } }));
    using app = target(server.url, {
      protocol: {
        endpoints: { users: '/users', groups: '/groups', discovery: '/config' },
        headers: { 'X-Tenant': 't1' },
        booleans: 'text',
        contentType: 'application/json',
      },
    });
    await app.perform(operationContext(create('ada')), never);
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/users',
      body: { active: 'true' },
      headers: { 'x-tenant': 't1', 'content-type': 'application/json' },
    });
  });

  test('a PATCH with too many operations is split, and ends at the first rejected part', async () => {
    let count = 0;
    await using server = await scriptedServer(() =>
      (count += 1) === 2 ? { status: 404, body: {} } : { body: { id: 'id-ada' } },
    );
    using app = target(server.url, { limits: { operationsPerPatch: 2 } });
    const { outcome } = await app.perform(
      operationContext(
        update(
          'ada',
          ['title', 'nickName', 'locale', 'timezone', 'userType'].map((path) => [path, 'x', 'y'] as const),
        ),
      ),
      never,
    );
    // The response to the GET shows the account, so the 404 proves nothing.
    expect(outcome).toMatchObject({ kind: 'rejected', status: 404 });
    const patches = server.seen.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ body }) => body.Operations.map(({ path }: { path: string }) => path))).toEqual([
      ['title', 'nickName'],
      ['locale', 'timezone'],
    ]);
  });

  test.each<[string, number, object, object]>([
    [
      'some parts were accepted, and it is not known which',
      2,
      { status: 409, body: {} },
      { kind: 'rejected', status: 409, partial: true },
    ],
    [
      'the first part was rejected, and nothing was changed',
      1,
      { status: 409, body: {} },
      { kind: 'rejected', status: 409 },
    ],
  ])('a split PATCH that is rejected: %s', async (_, refusedAt, answer, expected) => {
    let count = 0;
    await using server = await scriptedServer(() => ((count += 1) >= refusedAt ? answer : { body: { id: 'id-ada' } }));
    using app = target(server.url, { limits: { operationsPerPatch: 1 } });
    const { outcome } = await app.perform(
      operationContext(
        update('ada', [
          ['title', 'x', 'y'],
          ['userName', 'a', 'b'],
        ]),
      ),
      never,
    );
    expect(outcome).toMatchObject(expected);
    expect('partial' in outcome).toBe('partial' in expected);
  });

  test('each part of a PATCH sends the version that the previous part returned', async () => {
    await using server = await scriptedServer((_, number) => ({
      body: { id: 'id-ada' },
      headers: { ETag: `W/"${number + 1}"` },
    }));
    using app = target(server.url, { protocol: { ifMatch: 'always' }, limits: { operationsPerPatch: 1 } });
    await app.perform(
      operationContext(
        update('ada', [
          ['title', 'x', 'y'],
          ['nickName', 'a', 'b'],
        ]),
        { version: 'W/"1"' },
      ),
      never,
    );
    expect(server.seen.map(({ headers }) => headers['if-match'])).toEqual(['W/"1"', 'W/"2"']);
  });

  test('discovery is not requested if the profile disables it', async () => {
    await using server = await scriptedServer(() => page([]));
    using app = target(server.url, { protocol: { discovery: 'off' } });
    expect(await app.discover(never)).toBeUndefined();
    expect(server.seen).toEqual([]);
  });
});
