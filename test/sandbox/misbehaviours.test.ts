import { describe, expect, jest, test } from '@jest/globals';
import { enterpriseUserSchema } from '../../src/model/path.ts';
import { catalogue } from '../../src/sandbox/misbehaviours/catalogue.ts';
import { exchangesFrom86 } from './exchanges-from-86.ts';
import { profileWith } from '../world/profile.ts';
import {
  addMembers,
  deactivation,
  findUser,
  get,
  members,
  patchGroup,
  patchUser,
  post,
  put,
  remove,
  removeMember,
  reactivation,
  seed,
  runExchanges,
  titleEdit,
  type Exchange,
} from './exchange.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { group, patchOf, startTestSandbox, token, user, type Call, type TestResponse } from './test-sandbox.ts';

jest.setTimeout(60_000);

const anything = expect.anything();
const filter = (text: string): string => `filter=${encodeURIComponent(text)}`;
const mail = (value: string, more: object = {}): object => ({ value, type: 'work', ...more });
const header =
  (name: string, expected: unknown) =>
  (reply: TestResponse): void =>
    expect(reply.headers.get(name)).toEqual(expected);
const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `p${at}`);

/** Exchanges that show each misbehaviour. */
const exchangesOf: Readonly<Record<number, readonly Exchange[]>> = {
  1: [
    findUser('userName', 'unknown', 200, { totalResults: 3 }),
    get(`/Groups?${filter('displayName eq "x"')}`, 200, { totalResults: 0 }),
  ],
  2: [
    get(`/Groups?${filter('displayName eq "x"')}`, 200, { totalResults: 1 }),
    findUser('userName', 'unknown', 200, { totalResults: 0 }),
  ],
  3: [
    get(`/Users?${filter('userName eq "ada" and active eq true')}`, 200, { totalResults: 0 }),
    findUser('shoeSize', '9', 200, { totalResults: 0 }),
    findUser('userName', 'ada', 200, { totalResults: 1 }),
  ],
  4: [
    findUser('externalId', 'ada', 200, { totalResults: 1, Resources: [{ id: 'u1' }] }),
    findUser('externalId', 'e1', 200, { totalResults: 0 }),
  ],
  5: [
    get(`/Users?${filter('userName EQ "ada"')}`, 400, 'invalidFilter'),
    get(`/Users?${filter('username eq "ada"')}`, 400),
    findUser('userName', 'ada', 200, { totalResults: 1 }),
  ],
  6: [findUser('userName', 'unknown', 404, { status: '404' }), findUser('userName', 'ada', 200)],
  7: [
    get('/Users', 200, {
      totalResults: 4,
      Resources: [{ id: 'u1', emails: ['ada@corp.example'] }, { id: 'u1' }, { id: 'u2' }, { id: 'u3' }],
    }),
    findUser('userName', 'ada', 200, { totalResults: 2 }),
  ],
  8: [post('/Users', user('Dora'), 201, { userName: 'dora' })],
  9: [
    get('/Users?filter%20=userName%20eq%20%22ada%22', 400),
    get('/Users?filter=userName+eq+%22ada%22', 400),
    findUser('userName', 'ada', 200, { totalResults: 1 }),
  ],
  10: [
    get('/Users', 200, { totalResults: 1, Resources: [{ id: '1', userName: 'synthesis_user', active: false }] }),
    findUser('userName', 'ada', 200, { Resources: [{ id: 'u1' }] }),
  ],
  11: [
    findUser('userName', 'x'.repeat(1000), 400, 'invalidFilter'),
    get(`/Users?${filter(Array.from({ length: 201 }, () => 'id pr').join(' or '))}`, 400, 'invalidFilter'),
  ],
  12: [get('/Users?count=2', 200, { totalResults: 2 }), get('/Users?startIndex=3&count=2', 200, { totalResults: 1 })],
  13: [
    get('/Users?count=2', 200, { totalResults: '3' }),
    get('/Users?startIndex=3&count=2', 200, { totalResults: undefined }),
  ],
  14: [
    get('/Users?count=2', 200, { totalResults: 3, Resources: [{ id: 'u1' }] }),
    get('/Users?startIndex=2&count=2', 200, { totalResults: 3, Resources: [] }),
  ],
  15: [
    get('/Users', 200, { Resources: 'nope' }),
    get('/Users', 200, { Resources: null }),
    get('/Users', 200, { Resources: undefined }),
    findUser('userName', 'ada', 200, { Resources: 'nope' }),
  ],
  16: [get('/Users', 200, { itemsPerPage: undefined }), get('/Groups', 200, { itemsPerPage: 0 })],
  17: [get('/Users?startIndex=3&count=2', 200, { Resources: [{ id: 'u1' }, { id: 'u2' }] })],
  18: [
    get('/Users?count=2', 200, { totalResults: undefined, nextCursor: anything }),
    get('/Users?count=2&cursor=YWZ0ZXIgMg', 400, 'expiredCursor'),
    get('/Users?count=2&cursor=YWZ0ZXIgMg', 200, { Resources: [{ id: 'u3' }] }),
  ],
  19: [get('/Users?startIndex=3&count=1', 200, { itemsPerPage: 3 })],
  20: [get('/Users?count=501', 400), get('/Users?count=500', 200)],
  21: [
    get('/Users?count=2', 200, { Resources: [{ id: 'u1' }, { id: 'u2' }] }),
    get('/Users?startIndex=3&count=2', 200, { Resources: [{ id: 'u1' }] }),
  ],
  22: [
    remove('/Users/u1', 204),
    get('/Users', 200, {
      totalResults: 3,
      Resources: [
        { id: 'u1', active: false, displayName: undefined, userName: expect.stringMatching(/^[0-9a-f]{20}$/) },
        { id: 'u2' },
        { id: 'u3' },
      ],
    }),
    get('/Users/u1', 404),
    post('/Users', user('ada', { externalId: 'e1' }), 201),
  ],
  23: [get('/Users', 200, { resources: anything, Resources: undefined })],
  24: [
    get('/Groups/g1?excludedAttributes=members', 200, members('u1')),
    get('/Users/u1?attributes=id', 200, { userName: 'ada' }),
  ],
  25: [patchUser('u1', titleEdit, 501), get('/ServiceProviderConfig', 200, { patch: { supported: true } })],
  26: [
    patchUser('u1', { ...titleEdit, op: 'Replace' }, 200, { title: undefined }),
    patchUser('u1', titleEdit, 200, { title: 'Boss' }),
  ],
  27: [
    patchUser('u1', titleEdit, 200, { title: undefined }),
    put('/Users/u1', user('ada', { title: 'Boss' }), 200),
    get('/Users/u1', 200, { title: undefined }),
  ],
  28: [
    patchUser('u1', titleEdit, 204),
    put('/Users/u1', user('ada', { title: 'Chief' }), 200, (reply) => expect(reply.body).toEqual({})),
    get('/Users/u1', 200, { title: 'Chief' }),
  ],
  29: [patchUser('u1', { op: 'replace', value: { title: 'Boss' } }, 400, 'noTarget'), patchUser('u1', titleEdit, 200)],
  30: [
    patchUser('u1', { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x' }, 400, 'invalidPath'),
    patchGroup(204, undefined, removeMember('u1')),
  ],
  31: [
    patchGroup(204, undefined, addMembers('u2')),
    get('/Groups/g1', 200, members('u1')),
    patchGroup(204, undefined, { op: 'add', path: 'members', value: [{ value: 'u2', type: 'User' }] }),
    get('/Groups/g1', 200, members('u1', 'u2')),
    post('/Groups', group('New', 'u1'), 201, { members: undefined }),
  ],
  32: [
    patchGroup(400, 'invalidSyntax', addMembers('u2')),
    patchGroup(204, undefined, { op: 'add', path: 'members', value: { members: [{ value: 'u2' }] } }),
    get('/Groups/g1', 200, members('u1', 'u2')),
  ],
  33: [
    put('/Users/u1', user('ada'), 200, { active: false }),
    put('/Users/u1', user('ada'), 200, { active: true }),
    put('/Users/u1', user('ada', { active: true }), 200, { active: true }),
  ],
  34: [
    put('/Users/u1', user('ada', { emails: [mail('')] }), 400, 'invalidValue'),
    put('/Users/u1', user('ada', { addresses: [{ type: 'work', primary: true }] }), 400),
    put('/Users/u1', user('ada', { emails: [mail('a@x')] }), 200),
  ],
  35: [
    post('/Users', user('dora', { title: null }), 400, 'invalidSyntax'),
    patchUser('u1', { ...titleEdit, value: null }, 400, 'invalidSyntax'),
  ],
  36: [
    patchUser('u1', deactivation, 400, 'invalidValue'),
    patchUser('u1', { ...deactivation, value: 'false' }, 200, { active: 'false' }),
    get('/Users/u2', 200, { active: 'true' }),
  ],
  37: [
    post(
      '/Users',
      user('dora', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:x:User'] }),
      400,
      'invalidSyntax',
    ),
    post(
      '/Users',
      user('dora', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterpriseUserSchema] }),
      201,
    ),
    [
      'PATCH',
      '/Users/u1',
      { ...patchOf(titleEdit), schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp', 'urn:x'] },
      400,
    ],
  ],
  38: [
    get('/Users/u1', 200, { schemas: null, meta: undefined, externalId: undefined, directory_id: anything }),
    findUser('externalId', 'e1', 200, { totalResults: 1 }),
  ],
  39: [
    patchUser(
      'u1',
      { op: 'add', path: 'name', value: { givenName: 'Ada', familyName: 'L', formatted: 'Ada L' } },
      200,
      {
        'name.formatted': 'Ada L',
        firstName: 'Ada',
        lastName: 'L',
        external_id: 'e1',
        externalId: undefined,
        name: undefined,
      },
    ),
  ],
  40: [
    post(
      '/Users',
      user('dora', {
        phoneNumbers: [mail('+49 731-12')],
        emails: [mail('d@x')],
        name: { givenName: 'Dora', familyName: 'D', formatted: 'D., Dora' },
        preferredLanguage: 'de-DE',
      }),
      201,
      {
        phoneNumbers: [{ value: '+4973112' }],
        emails: [{ value: 'd@x', type: undefined }],
        name: { formatted: 'Dora D' },
        preferredLanguage: 'de',
      },
    ),
  ],
  41: [
    patchUser('u1', { op: 'replace', path: 'displayName', value: 'Other' }, 204),
    patchUser('u1', { op: 'replace', path: 'userName', value: 'other' }, 204),
    get('/Users/u1', 200, { displayName: 'Ada', userName: 'ada' }),
  ],
  42: [
    post('/Users', user('dora', { timezone: 'Europe/Berlin' }), 400, {
      detail: 'Bad request. Errors reported by remote server',
      scimType: undefined,
    }),
    patchUser('u1', { op: 'add', path: 'shoeSize', value: '9' }, 400, { scimType: undefined }),
    post('/Users', user('dora'), 201),
  ],
  43: [
    patchUser('u1', { op: 'replace', path: 'emails', value: [mail('a@x', { primary: true })] }, 200),
    patchUser('u1', { op: 'add', path: 'emails', value: [{ value: 'b@x', primary: true }] }, 400, 'invalidValue'),
  ],
  44: [
    post('/Users', user('dora', { emails: [mail('d@x'), { value: 'h@x' }] }), 400, 'invalidValue'),
    post('/Users', user('dora', { emails: [mail('d@x', { display: 'D' })] }), 400, 'invalidValue'),
    post('/Users', user('dora', { emails: [mail('d@x')] }), 201),
  ],
  45: [
    patchGroup(500, undefined, addMembers('unknown')),
    patchGroup(500, undefined, addMembers('u1')),
    patchGroup(204, undefined, addMembers('u2')),
  ],
  46: [post('/Users', user('dora'), 201, (reply) => expect(reply.body.id).toMatch(/^saml\|con_1\|.+/))],
  47: [
    post('/Users', user('dora', { externalId: 'e9' }), 201, { id: 'e9' }),
    get('/Users/u1', 404),
    findUser('userName', 'ada', 200, { totalResults: 1 }),
  ],
  48: [get('/Users/u3', 404), patchUser('u3', reactivation, 404), put('/Users/u3', user('carl'), 200)],
  49: [
    patchUser('u1', deactivation, 200),
    get('/Users/u1', 200, { userName: expect.stringMatching(/^[0-9a-f]{20}$/), displayName: undefined }),
    findUser('userName', 'ada', 200, { totalResults: 0 }),
    get('/Groups/g1', 200, (reply) => expect(reply.body.members).toEqual([])),
  ],
  50: [
    remove('/Users/u1', 204),
    get('/Users/u1', 404),
    post('/Users', user('ada', { externalId: 'e1' }), 201, { id: expect.not.stringMatching(/^u1$/) }),
    get('/Groups/g1', 200, { members: undefined }),
  ],
  51: [remove('/Users/u1', 204), get('/Users/u1', 200, { active: false }), remove('/Users/u1', 204)],
  52: [patchUser('u1', deactivation, 200), get('/Users/u1', 404)],
  53: [
    patchUser('u3', reactivation, 400, { detail: expect.stringContaining('[invalid]patch') }),
    put('/Users/u3', user('carl', { active: true }), 200, { active: true }),
  ],
  54: [
    patchUser('u3', titleEdit, 400, 'mutability'),
    put('/Users/u3', user('carl', { active: false, title: 'Boss' }), 400, 'mutability'),
    ['PATCH', '/Users/u3', patchOf(reactivation, titleEdit), 200, { title: 'Boss' }],
  ],
  55: [
    post('/Users', user('dora', { active: false }), 400, (reply) => expect(reply.body).toBe('')),
    post('/Users', user('dora', { active: true }), 201),
  ],
  56: [
    post('/Users', user('ada', { title: 'Boss' }), 201, { id: 'u1', title: 'Boss' }),
    post('/Users', user('dora'), 201),
  ],
  57: [
    findUser('userName', 'ada', 200, { totalResults: 0 }),
    get('/Users/u1', 404),
    get('/Users', 200, { totalResults: 0 }),
    post('/Users', user('ada'), 409),
    post('/Users', user('dora'), 201),
    findUser('userName', 'dora', 200, { totalResults: 1 }),
  ],
  58: [
    post('/Users', user('ada'), 429, { scimType: undefined, detail: 'User Already Exists' }),
    post('/Groups', group('Team'), 400, { scimType: undefined }),
  ],
  59: [
    patchUser('u1', { op: 'replace', path: 'emails', value: 'none' }, 400),
    get('/Users/u1', 404),
    get('/Groups/g1', 200, { members: undefined }),
    post('/Users', user('ada'), 201, { id: 'u1' }),
    get('/Users/u1', 200),
  ],
  60: [
    remove('/Users/u2', 204),
    post('/Users', user('bob', { externalId: 'u2' }), 201),
    patchUser('u1', deactivation, 200),
    patchUser('u1', reactivation, 200),
    patchGroup(404, { detail: 'User not found' }, addMembers('u1')),
    patchGroup(204, undefined, addMembers('u1')),
  ],
  61: [
    patchUser('u1', { op: 'add', path: 'roles', value: [{ value: 'owner' }] }, 200),
    get('/Users/u1', 404),
    patchUser('u1', titleEdit, 404),
    put('/Users/u1', user('ada'), 404),
    remove('/Users/u1', 404),
    patchUser('u2', { op: 'add', path: 'roles', value: [{ value: 'admin' }] }, 200),
    patchUser('u2', deactivation, 204),
    findUser('userName', 'bob', 200, { totalResults: 0 }),
    post('/Users', user('bob'), 409),
  ],
  62: [patchGroup(204, undefined, addMembers('u2', 'unknown')), get('/Groups/g1', 200, members('u1', 'u2'))],
  63: [patchGroup(400, 'invalidValue', addMembers('u2', 'unknown')), get('/Groups/g1', 200, members('u1'))],
  64: [
    get('/Groups', 200, { Resources: [{ id: 'g1', members: undefined }] }),
    patchGroup(204, undefined, addMembers(...many(120))),
    get('/Groups/g1', 200, (reply) => expect(reply.body.members).toHaveLength(100)),
  ],
  65: [
    patchGroup(204, undefined, addMembers(...many(120))),
    patchGroup(204, undefined, addMembers('u2')),
    get('/Groups/g1', 200, (reply) => expect(reply.body.members).toHaveLength(101)),
  ],
  66: [
    patchGroup(400, 'invalidValue', { op: 'remove', path: 'members' }),
    patchGroup(200, undefined, { op: 'replace', path: 'members', value: [{ value: 'u2' }] }),
    get('/Groups/g1', 200, members('u1')),
  ],
  67: [patchGroup(413, /<h1>413/, addMembers(...many(21))), patchGroup(204, undefined, addMembers(...many(20)))],
  68: [patchGroup(409, undefined, addMembers('u1', 'u2')), patchGroup(204, undefined, addMembers('u2'))],
  69: [
    post('/Groups', group('New', 'u1'), 400, 'invalidValue'),
    post('/Groups', group('New'), 201),
    put('/Groups/g1', group('Team', 'u2'), 200, members('u1')),
  ],
  70: [
    patchGroup(204, undefined, { op: 'replace', path: 'displayName', value: 'Other' }),
    post('/Groups', group('Team'), 409, { detail: 'Another group already exists with this ID.' }),
  ],
  72: [
    get('/Users', 200, (reply) => expect(reply.body).toEqual({})),
    post('/Users', user('dora'), 200),
    remove('/Users/u1', 200),
  ],
  73: [get('/Users/unknown', 401), get('/Users/u1', 200)],
  74: [
    patchUser('u1', titleEdit, 403, { detail: expect.stringContaining('patch:users') }),
    put('/Users/u1', user('ada'), 200),
  ],
  75: [1, 2, 3, 4].flatMap((turn) => [
    ...[1, 2, 3, 4].map(() => get('/Users', 200)),
    get('/Users', 429, header('retry-after', turn === 1 ? '1' : turn === 2 ? expect.stringMatching(/GMT$/) : null)),
  ]),
  76: [
    ...Array.from({ length: 5 }, () => patchUser('u1', { ...titleEdit, value: 'x'.repeat(500) }, 200)),
    patchUser(
      'u1',
      { ...titleEdit, value: 'x'.repeat(500) },
      429,
      header('retry-after', expect.stringMatching(/^\d+$/)),
    ),
    patchUser('u1', titleEdit, 200),
  ],
  77: [get('/elsewhere', 200, /Sign in/), post('/Users', user('dora', { title: '<b>' }), 502, /<h1>502/)],
  78: [['GET', '/Users', undefined, 403, undefined, { 'user-agent': '' }], get('/Users', 200)],
  79: [
    get('/ServiceProviderConfig', 200, {
      bulk: { supported: 'false', maxOperations: undefined },
      filter: { supported: 'yes' },
      authenticationSchemes: undefined,
    }),
  ],
  80: [
    get('/Users', 200, header('content-type', 'text/json')),
    get('/Users/unknown', 404, header('content-type', 'text/html')),
  ],
  81: [
    get('/Users/unknown', 404, {
      status: 404,
      detail: undefined,
      schema: anything,
      schemas: anything,
      errors: [{ status: 404, detail: undefined }],
    }),
  ],
  82: [
    ...Array.from({ length: 20 }, () => get('/Users', 200)),
    get('/Users', 401, header('www-authenticate', expect.stringContaining('invalid_token'))),
  ],
  83: [
    get('/Users/u1', 200, {
      meta: { location: expect.stringMatching(/^http:\/\/scim\.internal\.invalid/) },
      groups: [{ $ref: '/Groups/g1' }],
    }),
    post('/Users', user('dora'), 201, header('location', expect.stringMatching(/^http:\/\/scim\.internal\.invalid/))),
  ],
  84: [
    post('/Users', user('dora'), 202, (reply) => expect(reply.body).toBe('')),
    findUser('userName', 'dora', 200, { totalResults: 0 }),
    post('/Users', user('dora'), 409),
  ],
  85: [
    get('/ServiceProviderConfig', 200, { bulk: { supported: true }, filter: { supported: true } }),
    post('/Bulk', {}, 501),
    findUser('externalId', 'e1', 400, 'invalidFilter'),
    patchGroup(501, undefined, { op: 'replace', path: 'displayName', value: 'Other' }),
  ],
  ...exchangesFrom86,
};

/** Misbehaviours that the RFCs allow, and that the sandbox shows by default too. */
const allowedByRfc: readonly number[] = [50, 63];

const manyUsers = { users: [...seed.users, ...many(120).map((id) => ({ id, userName: id }))], groups: seed.groups };
const seedFor = (number: number): typeof seed => ([64, 65, 67].includes(number) ? (manyUsers as typeof seed) : seed);

describe('the catalogue', () => {
  test('has each number once, with a title', () => {
    expect(catalogue.map(({ number }) => number)).toEqual(Array.from({ length: 110 }, (_, at) => at + 1));
    expect(new Set(catalogue.map((each) => each.title)).size).toBe(110);
  });

  test('can be played, except 71', () => {
    expect(catalogue.filter((each) => !('cannot' in each)).map(({ number }) => number)).toEqual(
      Object.keys(exchangesOf).map(Number),
    );
    expect(catalogue.filter((each) => 'cannot' in each).map(({ number }) => number)).toEqual([71]);
  });

  test.each(catalogue.filter(({ refuses }) => refuses !== undefined))(
    '$number: an exchange shows each method that it refuses',
    ({ number, refuses = [] }) => {
      const refusals = (exchangesOf[number] ?? []).filter(([, , , status]) => status >= 400);
      expect(refuses.filter((refused) => !refusals.some(([method]) => method === refused))).toEqual([]);
    },
  );
});

/** A request without a response has the status 0. */
const orNoResponse =
  (call: Call): Call =>
  (...request) =>
    call(...request).catch(() => ({ status: 0, headers: new Headers(), body: undefined }));

describe('a misbehaviour', () => {
  test.each(catalogue.filter((each) => !('cannot' in each)))('$number: $title', async ({ number }) => {
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [number], clock: createSkippingClock() });
    sandbox.seed(seedFor(number));
    await runExchanges(orNoResponse(call), exchangesOf[number] ?? []);
    expect(sandbox.misbehaviours).toEqual([number]);
  });

  test.each(catalogue.filter((each) => !('cannot' in each) && !allowedByRfc.includes(each.number)))(
    '$number is absent by default',
    async ({ number }) => {
      const { sandbox, call } = await startTestSandbox();
      sandbox.seed(seedFor(number));
      await expect(runExchanges(orNoResponse(call), exchangesOf[number] ?? [])).rejects.toThrow();
    },
  );
});

describe('misbehaviours are activated by', () => {
  test('the profile and the options', async () => {
    const { sandbox, call } = await startTestSandbox({
      profile: { ...profileWith(), misbehaviours: [6, 71] },
      misbehaviours: [73, 6],
    });
    expect(sandbox.misbehaviours).toEqual([6, 73]);
    await runExchanges(call, [findUser('userName', 'unknown', 404), get('/Users/unknown', 401)]);
  });

  test('assignment of a list; an empty list deactivates them', async () => {
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [72] });
    sandbox.misbehaviours = [74];
    sandbox.seed(seed);
    await runExchanges(call, [get('/Users/u1', 200, { userName: 'ada' }), patchUser('u1', titleEdit, 403)]);
    sandbox.misbehaviours = [];
    await runExchanges(call, [patchUser('u1', titleEdit, 200)]);
  });

  test('the control endpoint', async () => {
    const { sandbox, call } = await startTestSandbox();
    expect((await call('POST', '/_sandbox/misbehaviours', [1, 13])).status).toBe(204);
    expect((await call('GET', '/_sandbox/state')).body.misbehaviours).toEqual([1, 13]);
    for (const wrong of [[71], [111], ['1'], {}, '['])
      expect((await call('POST', '/_sandbox/misbehaviours', wrong)).status).toBe(400);
    expect(sandbox.misbehaviours).toEqual([1, 13]);
  });

  test('nothing else: a number that cannot be played is an error', async () => {
    await expect(startTestSandbox({ misbehaviours: [71] })).rejects.toThrow(RangeError);
    await expect(startTestSandbox({ misbehaviours: [0] })).rejects.toThrow('There is no misbehaviour 0.');
  });
});

describe('misbehaviours with a state', () => {
  test('46: an unencoded pipe in a path returns 404', async () => {
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [46] });
    const { id } = (await call('POST', '/Users', user('dora'))).body;
    expect((await call('GET', `/Users/${encodeURIComponent(id)}`)).status).toBe(200);
    expect((await call('GET', `/Users/${id}`)).status).toBe(404);
    expect(sandbox.log.at(-1)?.path).toContain('|');
  });

  test('47: ids of existing users change, also in groups', async () => {
    const { sandbox, call } = await startTestSandbox();
    sandbox.seed(seed);
    sandbox.misbehaviours = [47];
    const id = (await call('GET', `/Users?${filter('userName eq "ada"')}`)).body.Resources[0].id;
    expect(id).not.toBe('u1');
    await runExchanges(call, [get('/Groups/g1', 200, members(id)), get('/Users/u1', 404)]);
  });

  test('82: a new token works after the first one has expired', async () => {
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [82] });
    for (let request = 1; request <= 20; request += 1) await call('GET', '/Users');
    expect((await call('GET', '/Users')).status).toBe(401);
    const requestToken = (secret: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${sandbox.port}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'c', client_secret: secret }),
      });
    expect((await requestToken('wrong')).status).toBe(401);
    const { access_token: newToken } = (await (await requestToken(token)).json()) as { access_token: string };
    expect((await call('GET', '/Users', undefined, { authorization: `Bearer ${newToken}` })).status).toBe(200);
  });

  test('84: a new resource is visible after two seconds', async () => {
    const clock = createSkippingClock();
    const { call } = await startTestSandbox({ misbehaviours: [84], clock });
    await call('POST', '/Users', user('dora'));
    await clock.sleep(2000);
    await runExchanges(call, [findUser('userName', 'dora', 200, { totalResults: 1 })]);
  });

  test('102: an invited user is active after an hour, except one that was deactivated', async () => {
    const clock = createSkippingClock();
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [102], clock });
    const [dora, emma] = await Promise.all(
      ['dora', 'emma'].map(async (name) =>
        String((await call('POST', '/Users', user(name, { active: true }))).body.id),
      ),
    );
    await runExchanges(call, [
      patchUser(String(dora), reactivation, 200, { active: false }),
      patchUser(String(emma), deactivation, 200, { active: false }),
    ]);
    for (let hour = 0; hour < 1; hour += 1 / 60) await clock.sleep(60_001);
    await call('GET', '/Users');
    expect(sandbox.users()).toMatchObject([
      { userName: 'dora', active: true },
      { userName: 'emma', active: false },
    ]);
  });

  test('103: searches show creates and updates after 4.5 seconds', async () => {
    const clock = createSkippingClock();
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [103], clock });
    sandbox.seed(seed);
    await call('POST', '/Users', user('dora'));
    await clock.sleep(4000);
    await call('PATCH', '/Users/u1', patchOf(titleEdit));
    await runExchanges(call, [findUser('userName', 'dora', 200, { totalResults: 0 })]);
    await clock.sleep(500);
    await runExchanges(call, [
      findUser('userName', 'dora', 200, { totalResults: 1 }),
      findUser('userName', 'ada', 200, { Resources: [{ title: undefined }] }),
    ]);
    await clock.sleep(4000);
    await runExchanges(call, [findUser('userName', 'ada', 200, { Resources: [{ title: 'Boss' }] })]);
  });

  test('108: the window begins again after two seconds', async () => {
    const clock = createSkippingClock();
    const { call } = await startTestSandbox({ misbehaviours: [108], clock });
    for (let request = 1; request <= 10; request += 1) await call('GET', '/Users');
    await runExchanges(call, [get('/Users', 429)]);
    await clock.sleep(2000);
    await runExchanges(call, [get('/Users', 200)]);
  });

  test('109: the log leaves the large part out', async () => {
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [109] });
    sandbox.seed(seed);
    await runExchanges(call, [get('/Users/u1', 200, { userName: 'ada' })]);
    expect(sandbox.log).toMatchObject([{ response: { userName: 'ada' } }]);
    expect(JSON.stringify(sandbox.log).length).toBeLessThan(2000);
  });

  test('110: a client ends the wait for a write', async () => {
    const { sandbox, call } = await startTestSandbox({ misbehaviours: [110] });
    const response = fetch(`${sandbox.url}/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(user('dora')),
      signal: AbortSignal.timeout(200),
    });
    await expect(response).rejects.toThrow('timeout');
    expect((await call('GET', '/Users')).status).toBe(200);
    expect(sandbox.users()).toEqual([]);
  });

  test('77: a large body returns an HTML page', async () => {
    const { call } = await startTestSandbox({
      profile: profileWith({ limits: { maxPayloadSize: 100 } }),
      misbehaviours: [77],
    });
    await runExchanges(call, [post('/Users', user('dora', { title: 'x'.repeat(100) }), 413, /<h1>413/)]);
  });
});
