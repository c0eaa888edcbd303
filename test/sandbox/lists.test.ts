import { describe, expect, test } from '@jest/globals';
import { startTestSandbox, user, type Call } from './test-sandbox.ts';

const manyUsers = (count: number): { userName: string; externalId: string }[] =>
  Array.from({ length: count }, (_, at) => ({ userName: `user-${at}`, externalId: `E${at}` }));

async function names(call: Call, query: string): Promise<readonly string[]> {
  const { status, body } = await call('GET', `/Users?${query}`);
  expect(status).toBe(200);
  return body.Resources.map(({ userName }: { userName: string }) => userName);
}

describe('pages', () => {
  test.each<[string, number, number, number]>([
    ['', 1, 100, 0],
    ['count=10', 1, 10, 0],
    ['count=500', 1, 200, 0],
    ['count=0', 1, 0, 0],
    ['count=-3', 1, 0, 0],
    ['startIndex=241&count=50', 241, 10, 240],
    ['startIndex=0&count=2', 1, 2, 0],
    ['startIndex=-7&count=2', 1, 2, 0],
    ['startIndex=9999', 9999, 0, 0],
  ])('?%s: startIndex %i, %i rows', async (query, startIndex, itemsPerPage, first) => {
    const { sandbox, call } = await startTestSandbox();
    sandbox.seed({ users: manyUsers(250) });
    const { body } = await call('GET', `/Users?${query}`);
    expect(body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 250,
      startIndex,
      itemsPerPage,
    });
    expect(body.Resources).toHaveLength(itemsPerPage);
    if (itemsPerPage > 0) expect(body.Resources[0].userName).toBe(`user-${first}`);
  });

  test('contain every user once', async () => {
    const { sandbox, call } = await startTestSandbox({ maxPageSize: 7 });
    sandbox.seed({ users: manyUsers(30) });
    const userNames: string[] = [];
    for (let at = 1; at <= 30; at += 7) userNames.push(...(await names(call, `startIndex=${at}&count=100`)));
    expect(userNames).toEqual(manyUsers(30).map(({ userName }) => userName));
  });

  test.each(['count=ten', 'startIndex=1.5', 'startIndex='])('?%s is refused', async (query) => {
    const { call } = await startTestSandbox();
    expect(await call('GET', `/Users?${query}`)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
  });
});

describe('filters', () => {
  test.each<[string, readonly string[]]>([
    ['userName eq "USER-3"', ['user-3']],
    ['userName eq "unknown"', []],
    ['externalId eq "E4"', ['user-4']],
    ['externalId eq "e4"', []],
    ['externalId eq "E4" and active eq false', []],
    ['externalId eq "E4" or externalId eq "E2" or externalId eq "E4"', ['user-4', 'user-2']],
    ['id eq "nothing"', []],
    ['userName sw "user-1" and not (userName eq "user-1")', ['user-10', 'user-11']],
    ['groups.display eq "team"', ['user-0']],
  ])('%s', async (filter, expected) => {
    const { sandbox, call } = await startTestSandbox();
    const { users } = sandbox.seed({ users: manyUsers(12) });
    sandbox.seed({ groups: [{ displayName: 'team', members: [{ value: users[0]!.id }] }] });
    expect(await names(call, `filter=${encodeURIComponent(filter)}`)).toEqual(expected);
  });

  test('are paged, with the number of matches as totalResults', async () => {
    const { sandbox, call } = await startTestSandbox();
    sandbox.seed({ users: manyUsers(50) });
    const { body } = await call(
      'GET',
      `/Users?filter=${encodeURIComponent('userName sw "user-1"')}&startIndex=3&count=2`,
    );
    expect(body).toMatchObject({
      totalResults: 11,
      startIndex: 3,
      itemsPerPage: 2,
      Resources: [{ userName: 'user-11' }, { userName: 'user-12' }],
    });
  });

  test('of groups by displayName and by member', async () => {
    const { sandbox, call } = await startTestSandbox({ uniqueDisplayNames: false });
    sandbox.seed({
      users: [{ id: 'ada', userName: 'ada' }],
      groups: [{ displayName: 'a' }, { displayName: 'A', members: [{ value: 'ada' }] }],
    });
    expect((await call('GET', '/Groups?filter=displayName%20eq%20%22a%22')).body.totalResults).toBe(2);
    expect((await call('GET', '/Groups?filter=members.value+eq+"ada"')).body.totalResults).toBe(1);
    expect((await call('GET', '/Groups?filter=members[value eq "ada"]')).body.totalResults).toBe(1);
  });

  test('that are invalid are refused', async () => {
    const { call } = await startTestSandbox();
    expect(await call('GET', '/Users?filter=userName')).toMatchObject({
      status: 400,
      body: { scimType: 'invalidFilter' },
    });
  });

  test('work in a POST to .search', async () => {
    const { sandbox, call } = await startTestSandbox();
    sandbox.seed({ users: manyUsers(5) });
    const search = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: 'userName eq "user-2"',
      attributes: ['userName'],
    };
    const { status, body } = await call('POST', '/Users/.search', search);
    expect({ status, names: body.Resources.map(Object.keys) }).toEqual({
      status: 200,
      names: [['schemas', 'id', 'userName']],
    });
    expect((await call('POST', '/Users/.search', {})).status).toBe(400);
  });
});

describe('attributes', () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const ada = {
    id: 'ada',
    userName: 'ada',
    title: 'Countess',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: 'a@x', type: 'work' }],
    [enterprise]: { department: 'Engines', costCenter: '9' },
  };

  test.each<[string, object]>([
    ['attributes=userName', { userName: 'ada' }],
    ['attributes=USERNAME,shoeSize', { userName: 'ada' }],
    ['attributes=name.givenName', { name: { givenName: 'Ada' } }],
    ['attributes=name.givenName,name.familyName', { name: { givenName: 'Ada', familyName: 'Lovelace' } }],
    ['attributes=emails.value,emails.type', { emails: [{ value: 'a@x', type: 'work' }] }],
    ['attributes=emails.value', { emails: [{ value: 'a@x' }] }],
    [`attributes=${enterprise}:department`, { [enterprise]: { department: 'Engines' } }],
    [`attributes=${enterprise}`, { [enterprise]: { department: 'Engines', costCenter: '9' } }],
    [
      `excludedAttributes=meta,active,emails,name.familyName,id,schemas,${enterprise}:costCenter`,
      { userName: 'ada', title: 'Countess', name: { givenName: 'Ada' }, [enterprise]: { department: 'Engines' } },
    ],
    [
      `excludedAttributes=meta,active,title,userName,name,emails.type,${enterprise}:department`,
      { emails: [{ value: 'a@x' }], [enterprise]: { costCenter: '9' } },
    ],
  ])('?%s', async (query, expected) => {
    const { sandbox, call } = await startTestSandbox();
    const { users } = sandbox.seed({ users: [ada] });
    const whole = { id: 'ada', schemas: users[0]?.schemas, ...expected };
    expect((await call('GET', `/Users/ada?${query}`)).body).toEqual(whole);
    expect((await call('GET', `/Users?${query}`)).body.Resources).toEqual([whole]);
  });

  test('and excludedAttributes together are refused', async () => {
    const { sandbox, call } = await startTestSandbox();
    expect((await call('GET', '/Users?attributes=userName&excludedAttributes=name')).status).toBe(400);
    expect((await call('POST', '/Users?attributes=userName&excludedAttributes=name', user('ada'))).status).toBe(400);
    expect(sandbox.users()).toEqual([]);
  });
});
