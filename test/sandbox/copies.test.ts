import { describe, expect, test } from '@jest/globals';
import { coreGroupSchema, coreUserSchema, enterpriseUserSchema } from '../../src/model/path.ts';
import { startTestSandbox, user } from './test-sandbox.ts';

const badge = 'urn:example:params:scim:schemas:extension:badge:2.0:User';

/** An account as applications show it that do not follow RFC 7643. */
const odd = {
  schemas: [coreUserSchema, badge],
  id: 'ignored',
  USERNAME: 'Ada@x.example',
  active: 'False',
  password: 'secret',
  emails: 'ada@x.example',
  roles: ['admin', 'clerk'],
  name: { givenName: 'Ada', phonetic: 'ay-da' },
  level: 7,
  groups: [{ value: 'g9' }],
  nickName: null,
  [enterpriseUserSchema]: { manager: 'u2' },
  [badge]: { number: 'B1', doors: [{ value: 'north', floor: 2 }], password: 'secret' },
  meta: { created: '2020-01-02T03:04:05Z', version: 'W/"77"', location: 'https://elsewhere.example/Users/1' },
};

describe('a copied account', () => {
  test('has the forms of RFC 7643, its own id, times and version, and no password', async () => {
    const { sandbox, call } = await startTestSandbox();
    sandbox.copy('User', 'u 1', odd);
    const { body } = await call('GET', '/Users/u%201');
    expect(body).toEqual({
      schemas: [coreUserSchema, enterpriseUserSchema, badge],
      id: 'u 1',
      userName: 'Ada@x.example',
      active: false,
      emails: [{ value: 'ada@x.example' }],
      roles: [{ value: 'admin' }, { value: 'clerk' }],
      name: { givenName: 'Ada', phonetic: 'ay-da' },
      level: 7,
      [enterpriseUserSchema]: { manager: { value: 'u2' } },
      [badge]: { number: 'B1', doors: [{ value: 'north', floor: 2 }] },
      meta: {
        resourceType: 'User',
        created: '2020-01-02T03:04:05.000Z',
        lastModified: '1970-01-01T00:00:00.000Z',
        location: `${sandbox.url}/Users/u%201`,
        version: 'W/"77"',
      },
    });
  });

  test('keeps attributes that no RFC defines, and takes new values of them', async () => {
    const { sandbox, call } = await startTestSandbox({ strictSchema: true });
    sandbox.copy('User', 'u1', odd);
    const patch = (path: string, value: unknown): ReturnType<typeof call> =>
      call('PATCH', '/Users/u1', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path, value }],
      });
    expect((await patch(`${badge}:number`, 'B2')).status).toBe(200);
    expect((await patch('level', 8)).status).toBe(200);
    expect((await patch(`${badge}:doors[value eq "north"].floor`, 3)).status).toBe(200);
    const { body } = await call('GET', '/Users/u1');
    expect(body).toMatchObject({ level: 8, [badge]: { number: 'B2', doors: [{ value: 'north', floor: 3 }] } });
    expect((await patch(`${badge}:colour`, 'red')).status).toBe(400);
    expect(sandbox.define('User', { [badge]: { colour: '' } })).toBe(true);
    expect(sandbox.define('User', { [badge]: { colour: '' }, userName: '' })).toBe(false);
    expect((await patch(`${badge}:colour`, 'red')).status).toBe(200);
  });

  test('may share a name with another one; a new account may not', async () => {
    const { sandbox, call } = await startTestSandbox();
    for (const id of ['a', 'b']) sandbox.copy('User', id, { userName: 'same' });
    const found = async (): Promise<readonly string[]> =>
      (await call('GET', '/Users?filter=userName%20eq%20%22SAME%22')).body.Resources.map(
        (row: { id: string }) => row.id,
      );
    expect(await found()).toEqual(['a', 'b']);
    expect((await call('POST', '/Users', user('Same'))).status).toBe(409);
    expect((await call('PUT', '/Users/a', { ...user('same'), title: 'Dr' })).status).toBe(200);
    expect((await call('DELETE', '/Users/a')).status).toBe(204);
    expect(await found()).toEqual(['b']);
    expect((await call('DELETE', '/Users/b')).status).toBe(204);
    expect((await call('POST', '/Users', user('same'))).status).toBe(201);
  });
});

test('a copied group keeps members that do not exist, and a later change keeps them', async () => {
  const { sandbox, call } = await startTestSandbox();
  sandbox.copy('User', 'u1', { userName: 'ada' });
  sandbox.copy('Group', 'g1', {
    displayName: 'Crew',
    members: [{ value: 'u1' }, { value: 'gone', type: 'user' }, { value: 'g2', $ref: '../Groups/g2' }, { value: 9 }],
  });
  sandbox.copy('Group', 'g2', { displayName: 'Inner', members: [] });
  expect((await call('GET', '/Users/u1')).body.groups).toMatchObject([{ value: 'g1', display: 'Crew' }]);
  const renamed = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'displayName', value: 'Team' }],
  };
  expect((await call('PATCH', '/Groups/g1', renamed)).status).toBe(204);
  expect((await call('GET', '/Groups/g1')).body).toMatchObject({
    schemas: [coreGroupSchema],
    displayName: 'Team',
    members: [
      { value: 'u1', type: 'User', $ref: `${sandbox.url}/Users/u1` },
      { value: 'gone', type: 'User' },
      { value: 'g2', type: 'Group', $ref: `${sandbox.url}/Groups/g2` },
      { value: '9' },
    ],
  });
});

test('the ServiceProviderConfig of another application is served as it is', async () => {
  const serviceProviderConfig = { patch: { supported: false }, filter: { supported: true, maxResults: 7 } };
  const { call } = await startTestSandbox({ serviceProviderConfig });
  expect((await call('GET', '/ServiceProviderConfig')).body).toEqual(serviceProviderConfig);
});

test('a private sandbox shows its control endpoints to the holder of the token only, and logs no bodies', async () => {
  const { call } = await startTestSandbox({ isPrivate: true });
  await call('POST', '/Users', user('ada'));
  expect((await call('GET', '/_sandbox/state', undefined, { authorization: 'Bearer other' })).status).toBe(401);
  expect((await call('GET', '/_sandbox/state?token=other', undefined)).status).toBe(401);
  const log = await call('GET', '/_sandbox/log?token=let-me-in', undefined, { authorization: '' });
  expect(log.body).toEqual([{ at: expect.any(Number), method: 'POST', path: '/Users', query: '', status: 201 }]);
});
