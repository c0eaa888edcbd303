import { describe, expect, test } from '@jest/globals';
import { group, patchOf, startTestSandbox, user } from './test-sandbox.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const core = 'urn:ietf:params:scim:schemas:core:2.0:User';

const reportingTo = (userName: string, manager: string): object => ({
  schemas: [core, enterprise],
  userName,
  [enterprise]: { manager: { value: manager } },
});

describe('a resource', () => {
  test('is created, read, updated, replaced and deleted', async () => {
    const { sandbox, call } = await startTestSandbox();
    const created = await call(
      'POST',
      '/Users',
      user('ada', { externalId: 'E1', name: { givenName: 'Ada' }, title: 'Countess' }),
    );
    expect(created.status).toBe(201);
    const { id, meta } = created.body;
    expect(created.headers.get('location')).toBe(`${sandbox.url}/Users/${id}`);
    expect(created.headers.get('content-type')).toMatch(/^application\/scim\+json/);
    expect(created.headers.get('etag')).toBe(meta.version);
    expect(created.body).toMatchObject({
      schemas: [core],
      userName: 'ada',
      active: true,
      meta: { resourceType: 'User', location: `${sandbox.url}/Users/${id}` },
    });
    expect((await call('GET', `/Users/${id}`)).body).toEqual(created.body);

    const changed = await call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: false }));
    expect(changed).toMatchObject({
      status: 200,
      body: { active: false, title: 'Countess', meta: { created: meta.created } },
    });
    expect(changed.body.meta.version).not.toBe(meta.version);

    const replaced = await call('PUT', `/Users/${id}`, user('eve'));
    expect(replaced).toMatchObject({ status: 200, body: { id, userName: 'eve', meta: { created: meta.created } } });
    expect(replaced.body).not.toHaveProperty('title');

    expect((await call('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await call('GET', `/Users/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/Users/${id}`)).status).toBe(404);
    expect(sandbox.users()).toEqual([]);
  });

  test('keeps its version through a PATCH that changes nothing', async () => {
    const { call } = await startTestSandbox();
    const { body } = await call('POST', '/Users', user('ada'));
    const same = await call('PATCH', `/Users/${body.id}`, patchOf({ op: 'replace', path: 'userName', value: 'ada' }));
    expect(same).toMatchObject({ status: 200, body: { meta: body.meta } });
  });

  test('is unchanged by a PATCH with one refused operation', async () => {
    const { sandbox, call } = await startTestSandbox();
    const { body } = await call('POST', '/Users', user('ada'));
    const refused = await call(
      'PATCH',
      `/Users/${body.id}`,
      patchOf({ op: 'add', path: 'title', value: 'x' }, { op: 'add', path: 'shoeSize', value: 'x' }),
    );
    expect(refused).toMatchObject({
      status: 400,
      body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', scimType: 'invalidPath' },
    });
    expect(sandbox.users()).toEqual([body]);
  });

  test('ignores readOnly and unknown attributes of a body, and never returns a password', async () => {
    const { call } = await startTestSandbox();
    const { status, body } = await call(
      'POST',
      '/Users',
      user('ada', { id: 'mine', meta: { version: 'x' }, groups: [{ value: 'g' }], password: 'secret', shoeSize: 42 }),
    );
    expect(status).toBe(201);
    expect(body.id).not.toBe('mine');
    expect(Object.keys(body).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName']);
  });
});

describe('refused requests', () => {
  test.each<[string, object | string, number, string | undefined]>([
    ['no userName', user(undefined as unknown as string), 400, 'invalidValue'],
    ['a blank userName', user(' '), 400, 'invalidValue'],
    ['no schemas', { userName: 'x' }, 400, 'invalidSyntax'],
    ['other schemas', { schemas: ['urn:x'], userName: 'x' }, 400, 'invalidSyntax'],
    [
      'an extension that schemas does not name',
      { ...user('x'), [enterprise]: { department: 'x' } },
      400,
      'invalidSyntax',
    ],
    ['a string for active', user('x', { active: 'true' }), 400, 'invalidValue'],
    ['a string for name', user('x', { name: 'x' }), 400, 'invalidValue'],
    ['an object for emails', user('x', { emails: { value: 'x' } }), 400, 'invalidValue'],
    ['a list of strings', user('x', { emails: ['x'] }), 400, 'invalidValue'],
    [
      'two primary e-mails',
      user('x', {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      }),
      400,
      'invalidValue',
    ],
    ['an unknown manager', reportingTo('x', 'unknown'), 400, 'invalidValue'],
    [
      'a manager without value',
      { schemas: [core, enterprise], userName: 'x', [enterprise]: { manager: { $ref: 'x' } } },
      400,
      'invalidValue',
    ],
    ['an array', [], 400, 'invalidSyntax'],
    ['truncated JSON', '{"userName":', 400, 'invalidSyntax'],
    ['a duplicate userName in upper case', user('ADA'), 409, 'uniqueness'],
    ['a duplicate externalId', user('x', { externalId: 'E1' }), 409, 'uniqueness'],
  ])('%s', async (_case, body, status, scimType) => {
    const { sandbox, call } = await startTestSandbox();
    await call('POST', '/Users', user('ada', { externalId: 'E1' }));
    expect(await call('POST', '/Users', body)).toMatchObject({ status, body: { status: String(status), scimType } });
    expect(sandbox.users()).toHaveLength(1);
  });

  test('unknown attributes with strictSchema', async () => {
    const { call } = await startTestSandbox({ strictSchema: true });
    expect(await call('POST', '/Users', user('ada', { shoeSize: 42 }))).toMatchObject({
      status: 400,
      body: { scimType: 'invalidSyntax' },
    });
    expect(await call('POST', '/Users', user('ada', { title: 'x' }))).toMatchObject({ status: 201 });
  });

  test('a duplicate userName in an update, until its owner is deleted', async () => {
    const { call } = await startTestSandbox();
    const ada = (await call('POST', '/Users', user('ada'))).body.id;
    const eve = (await call('POST', '/Users', user('eve'))).body.id;
    const rename = patchOf({ op: 'replace', path: 'userName', value: 'Ada' });
    expect((await call('PATCH', `/Users/${eve}`, rename)).status).toBe(409);
    expect((await call('PATCH', `/Users/${ada}`, rename)).status).toBe(200);
    await call('DELETE', `/Users/${ada}`);
    expect((await call('PATCH', `/Users/${eve}`, rename)).status).toBe(200);
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['POST', '/Users', { 'content-type': 'text/plain' }, 415],
    ['PUT', '/Users', {}, 405],
    ['POST', '/Users/x', {}, 405],
    ['DELETE', '/Users', {}, 405],
    ['PUT', '/Users/unknown', {}, 404],
    ['PATCH', '/Users/unknown', {}, 404],
    ['POST', '/Nothing', {}, 404],
    ['POST', '/Users/x/y', {}, 404],
    ['POST', '/Bulk', {}, 501],
    ['POST', '/Users/%zz', {}, 400],
  ])('%s %s with %j returns %i', async (method, path, headers, status) => {
    const { call } = await startTestSandbox();
    expect(await call(method, path, user('ada'), headers)).toMatchObject({ status, body: { status: String(status) } });
  });

  test('a path outside the base URL', async () => {
    const { sandbox } = await startTestSandbox();
    expect((await fetch(`http://127.0.0.1:${sandbox.port}/Users`)).status).toBe(404);
    expect(sandbox.log).toMatchObject([{ method: 'GET', path: '/Users', status: 404 }]);
  });

  test.each(['', 'wrong', 'Basic let-me-in', 'let-me-in'])('the authorization "%s"', async (authorization) => {
    const { sandbox, call } = await startTestSandbox();
    const { status, headers, body } = await call('GET', '/Users', undefined, { authorization });
    expect({ status, body }).toMatchObject({ status: 401, body: { status: '401' } });
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(JSON.stringify(sandbox.log)).not.toContain('let-me-in');
  });
});

describe('a manager', () => {
  test('must exist when it is set, and may be deleted later', async () => {
    const { call } = await startTestSandbox();
    const boss = (await call('POST', '/Users', user('boss'))).body.id;
    const ada = (await call('POST', '/Users', reportingTo('ada', boss))).body.id;
    await call('DELETE', `/Users/${boss}`);
    expect((await call('PATCH', `/Users/${ada}`, patchOf({ op: 'add', path: 'title', value: 'x' }))).status).toBe(200);
    expect((await call('PUT', `/Users/${ada}`, reportingTo('ada', boss))).status).toBe(200);
    const moved = patchOf({ op: 'replace', path: `${enterprise}:manager.value`, value: 'unknown' });
    expect(await call('PATCH', `/Users/${ada}`, moved)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
  });
});

describe('a group', () => {
  test('contains users and groups once, and a user shows its groups', async () => {
    const { sandbox, call } = await startTestSandbox();
    const ada = (await call('POST', '/Users', user('ada'))).body.id;
    const inner = (await call('POST', '/Groups', group('inner', ada, ada))).body;
    expect(inner.members).toEqual([{ value: ada, type: 'User', $ref: `${sandbox.url}/Users/${ada}` }]);
    const outer = (await call('POST', '/Groups', group('outer', inner.id))).body;
    expect(outer.members).toEqual([{ value: inner.id, type: 'Group', $ref: `${sandbox.url}/Groups/${inner.id}` }]);
    expect((await call('GET', `/Users/${ada}`)).body.groups).toEqual([
      { value: inner.id, display: 'inner', type: 'direct', $ref: inner.meta.location },
    ]);
    await call('DELETE', `/Groups/${inner.id}`);
    expect((await call('GET', `/Users/${ada}`)).body).not.toHaveProperty('groups');
    expect((await call('GET', `/Groups/${outer.id}`)).body).not.toHaveProperty('members');
  });

  test('PATCH returns 204, or the group if the query has attributes or the option requires it', async () => {
    const { call } = await startTestSandbox();
    const { id } = (await call('POST', '/Groups', group('team'))).body;
    const rename = (value: string): object => patchOf({ op: 'replace', path: 'displayName', value });
    const empty = await call('PATCH', `/Groups/${id}`, rename('a'));
    expect(empty).toMatchObject({ status: 204, body: '' });
    expect(empty.headers.get('etag')).toBeTruthy();
    expect(await call('PATCH', `/Groups/${id}?attributes=displayName`, rename('b'))).toMatchObject({
      status: 200,
      body: { id, displayName: 'b' },
    });
    const whole = await startTestSandbox({ groupPatchResponse: 'resource' });
    const other = (await whole.call('POST', '/Groups', group('team'))).body.id;
    expect(await whole.call('PATCH', `/Groups/${other}`, rename('c'))).toMatchObject({
      status: 200,
      body: { displayName: 'c' },
    });
  });

  test.each<['refuse' | 'drop' | 'keep', number, readonly string[]]>([
    ['refuse', 400, []],
    ['drop', 204, ['ada']],
    ['keep', 204, ['ada', 'unknown']],
  ])('unknown members: %s', async (unknownMembers, status, members) => {
    const { sandbox, call } = await startTestSandbox({ unknownMembers });
    sandbox.seed({ users: [{ id: 'ada', userName: 'ada' }], groups: [{ id: 'team', displayName: 'team' }] });
    const add = patchOf({ op: 'add', path: 'members', value: [{ value: 'ada' }, { value: 'unknown' }] });
    expect((await call('PATCH', '/Groups/team', add)).status).toBe(status);
    const storedMembers = (sandbox.groups()[0]?.['members'] ?? []) as readonly { value: string }[];
    expect(storedMembers.map(({ value }) => value)).toEqual(members);
  });

  test.each([true, false])('deletion of a user removes its memberships: %s', async (deletionEndsMemberships) => {
    const { sandbox, call } = await startTestSandbox({ deletionEndsMemberships });
    sandbox.seed({
      users: [{ id: 'ada', userName: 'ada' }],
      groups: [{ id: 'team', displayName: 'team', members: [{ value: 'ada' }] }],
    });
    await call('DELETE', '/Users/ada');
    expect('members' in sandbox.groups()[0]!).toBe(!deletionEndsMemberships);
  });

  test('a deleted member does not prevent the add of another one', async () => {
    const { sandbox, call } = await startTestSandbox({ deletionEndsMemberships: false });
    sandbox.seed({
      users: [
        { id: 'ada', userName: 'ada' },
        { id: 'eve', userName: 'eve' },
      ],
      groups: [{ id: 'team', displayName: 'team', members: [{ value: 'ada' }] }],
    });
    await call('DELETE', '/Users/ada');
    expect(
      (await call('PATCH', '/Groups/team', patchOf({ op: 'add', path: 'members', value: [{ value: 'eve' }] }))).status,
    ).toBe(204);
    expect(sandbox.groups()[0]?.['members']).toMatchObject([{ value: 'ada' }, { value: 'eve' }]);
  });

  test.each<[boolean, number]>([
    [true, 409],
    [false, 201],
  ])('uniqueUserNames %s: a duplicate returns %i', async (uniqueUserNames, status) => {
    const { call } = await startTestSandbox({ uniqueUserNames });
    await call('POST', '/Users', user('ada'));
    expect((await call('POST', '/Users', user('Ada'))).status).toBe(status);
    const { body } = await call('GET', `/Users?filter=${encodeURIComponent('userName eq "ADA"')}`);
    expect(body.totalResults).toBe(status === 201 ? 2 : 1);
  });

  test.each<[boolean, number]>([
    [true, 409],
    [false, 201],
  ])('uniqueDisplayNames %s: a duplicate returns %i', async (uniqueDisplayNames, status) => {
    const { call } = await startTestSandbox({ uniqueDisplayNames });
    await call('POST', '/Groups', group('Team'));
    expect((await call('POST', '/Groups', group('team'))).status).toBe(status);
  });
});

describe('an application without PATCH', () => {
  test('announces it and supports PUT', async () => {
    const { sandbox, call } = await startTestSandbox({ patch: false });
    sandbox.seed({ users: [{ id: 'ada', userName: 'ada' }] });
    expect((await call('GET', '/ServiceProviderConfig')).body.patch).toEqual({ supported: false });
    expect((await call('PATCH', '/Users/ada', patchOf({ op: 'remove', path: 'title' }))).status).toBe(501);
    expect((await call('PUT', '/Users/ada', user('eve'))).status).toBe(200);
  });
});

describe('ETags', () => {
  test('If-Match allows writes to the named version only', async () => {
    const { call } = await startTestSandbox();
    const { id, meta } = (await call('POST', '/Users', user('ada'))).body;
    const title = (value: string): object => patchOf({ op: 'replace', path: 'title', value });
    const first = await call('PATCH', `/Users/${id}`, title('a'), { 'if-match': meta.version });
    expect(first.status).toBe(200);
    expect((await call('PATCH', `/Users/${id}`, title('b'), { 'if-match': meta.version })).status).toBe(412);
    expect((await call('PUT', `/Users/${id}`, user('eve'), { 'if-match': meta.version })).status).toBe(412);
    expect((await call('DELETE', `/Users/${id}`, undefined, { 'if-match': meta.version })).status).toBe(412);
    expect(
      (await call('PATCH', `/Users/${id}`, title('c'), { 'if-match': `"x", ${first.headers.get('etag')}` })).status,
    ).toBe(200);
    expect((await call('PATCH', `/Users/${id}`, title('d'), { 'if-match': '*' })).status).toBe(200);
  });

  test('If-None-Match returns 304', async () => {
    const { call } = await startTestSandbox();
    const { id, meta } = (await call('POST', '/Users', user('ada'))).body;
    expect(await call('GET', `/Users/${id}`, undefined, { 'if-none-match': meta.version })).toMatchObject({
      status: 304,
      body: '',
    });
    expect((await call('GET', `/Users/${id}`, undefined, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('a write without a required If-Match returns 428', async () => {
    const { sandbox, call } = await startTestSandbox({ requireIfMatch: true });
    sandbox.seed({ users: [{ id: 'ada', userName: 'ada' }] });
    expect((await call('DELETE', '/Users/ada')).status).toBe(428);
    expect((await call('DELETE', '/Users/ada', undefined, { 'if-match': '*' })).status).toBe(204);
  });

  test('without ETags, responses have no version', async () => {
    const { call } = await startTestSandbox({ etags: false });
    const created = await call('POST', '/Users', user('ada'));
    expect(created.headers.get('etag')).toBeNull();
    expect(created.body.meta).not.toHaveProperty('version');
    expect((await call('DELETE', `/Users/${created.body.id}`, undefined, { 'if-match': '"x"' })).status).toBe(204);
    expect((await call('GET', '/ServiceProviderConfig')).body.etag).toEqual({ supported: false });
  });
});

describe('discovery', () => {
  test('describes the endpoints and schemas', async () => {
    const { call } = await startTestSandbox();
    expect((await call('GET', '/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      filter: { supported: true, maxResults: 200 },
      bulk: { supported: false },
    });
    expect((await call('GET', '/ResourceTypes')).body).toMatchObject({
      totalResults: 2,
      Resources: [
        { id: 'User', endpoint: '/Users' },
        { id: 'Group', endpoint: '/Groups' },
      ],
    });
    expect((await call('GET', '/ResourceTypes/User')).body.schemaExtensions).toEqual([
      { schema: enterprise, required: false },
    ]);
    expect((await call('GET', '/Schemas')).body.totalResults).toBe(3);
    const { body } = await call('GET', `/Schemas/${core}`);
    expect(body.attributes.find(({ name }: { name: string }) => name === 'userName')).toMatchObject({
      required: true,
      uniqueness: 'server',
      caseExact: false,
    });
    expect((await call('GET', '/Schemas/urn:x')).status).toBe(404);
    expect((await call('GET', '/Schemas?filter=id%20pr')).status).toBe(403);
    expect((await call('POST', '/ServiceProviderConfig', {})).status).toBe(405);
  });
});
