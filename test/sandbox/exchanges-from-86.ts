import { expect } from '@jest/globals';
import { coreUserSchema, enterpriseUserSchema } from '../../src/model/path.ts';
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
  reactivation,
  titleEdit,
  type Exchange,
} from './exchange.ts';
import { group, patchOf, user, type TestResponse } from './test-sandbox.ts';

const times = (count: number, exchange: Exchange): readonly Exchange[] => Array.from({ length: count }, () => exchange);
const read = get('/Users/u1', 200, { id: 'u1' });
const bodyIs =
  (expected: unknown) =>
  (reply: TestResponse): void =>
    expect(reply.body).toEqual(expected);
const error = (status: string): object => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status });
const conditional = (method: string, path: string, body: object, status: number): Exchange => [
  method,
  path,
  body,
  status,
  undefined,
  { 'if-match': '*' },
];
const rename = { op: 'replace', path: 'name', value: { givenName: 'Grace' } };
const employee = (userName: string, manager: string): object =>
  user(userName, {
    schemas: [coreUserSchema, enterpriseUserSchema],
    [enterpriseUserSchema]: { manager: { value: manager } },
  });
const twoOperations = (path: string, first: object, second: object, status: number): Exchange => [
  'PATCH',
  path,
  patchOf(first, second),
  status,
];
const bulkPatch = (...operations: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  Operations: operations.map((operation) => ({ method: 'PATCH', path: '/Users/u1', data: patchOf(operation) })),
});
/** `GET /Users/u1` shows these values. */
const shows = (expected: object): Exchange => get('/Users/u1', 200, expected);

/** The id in the response to the last create. */
let answeredId = '';

/** Exchanges that show the misbehaviours 86 to 110. Status 0: no response. */
export const exchangesFrom86: Readonly<Record<number, readonly Exchange[]>> = {
  86: [
    get('/Users/unknown', 200, error('404')),
    post('/Users', user('ada'), 200, error('409')),
    ...times(3, patchUser('u1', titleEdit, 200, { title: 'Boss' })),
    patchUser('u1', deactivation, 200, error('403')),
    shows({ active: true }),
    ...times(4, patchUser('u1', titleEdit, 200, { title: 'Boss' })),
    remove('/Users/u1', 200),
    read,
  ],
  87: [
    ...times(10, read),
    get('/Users/u1', 200, bodyIs({})),
    post('/Users', user('dora'), 200, bodyIs({})),
    patchUser('u1', deactivation, 200, bodyIs({})),
    remove('/Users/u1', 200),
    ...times(26, get('/Users', 200, bodyIs({}))),
    shows({ active: true }),
  ],
  88: [
    ['POST', '/Bulk', bulkPatch(deactivation), 200, { Operations: [{ status: '200', version: expect.any(String) }] }],
    shows({ active: true }),
    patchUser('u1', titleEdit, 200),
    shows({ title: 'Boss' }),
  ],
  89: [
    patchUser('u1', titleEdit, 202, bodyIs('')),
    post('/Users', user('dora'), 202, bodyIs('')),
    patchUser('u1', deactivation, 202, bodyIs('')),
    shows({ active: true, title: 'Boss' }),
    findUser('userName', 'dora', 200, { totalResults: 1 }),
  ],
  90: [
    patchUser('u1', { op: 'replace', path: 'userName', value: 'ada5@corp.example' }, 200),
    patchUser('u1', deactivation, 204),
    remove('/Users/u1', 204),
    shows({ active: true }),
    patchUser('u2', { op: 'add', path: 'roles', value: [{ value: 'owner' }] }, 200),
    put('/Users/u2', user('bob', { active: false }), 204),
    get('/Users/u2', 200, { active: true }),
    patchUser('u1', { op: 'replace', path: 'userName', value: 'ada6@corp.example' }, 200),
    patchUser('u1', deactivation, 200, { active: false }),
  ],
  91: [
    ...times(10, read),
    get('/Users/u1', 404, /<h1>404/),
    remove('/Users/u1', 404),
    ...times(23, get('/Users', 404, /<h1>404/)),
    ...times(10, read),
    get('/Users/u1', 404, error('404')),
  ],
  92: [
    patchUser('u1', titleEdit, 400, 'invalidValue'),
    shows({ title: 'Boss' }),
    patchUser('u1', { ...titleEdit, value: 'Chief' }, 200),
    twoOperations('/Users/u1', deactivation, { ...titleEdit, value: 'Clerk' }, 403),
    shows({ active: false, title: 'Chief' }),
    put('/Users/u1', user('ada', { title: 'Nurse' }), 200),
    put('/Users/u1', user('ada', { title: 'Clerk' }), 400),
    shows({ title: 'Clerk' }),
  ],
  93: [
    post('/Users', user('dora'), 400, 'invalidValue'),
    findUser('userName', 'dora', 200, { totalResults: 1 }),
    post('/Users', user('emma'), 201),
    post('/Users', user('fred'), 403),
    post('/Users', user('fred'), 409, 'uniqueness'),
  ],
  94: [
    get('/Users/u1', 200, (reply) => expect(reply.headers.get('etag')).toMatch(/^W\/"\d+-gzip"$/)),
    conditional('PATCH', '/Users/u1', patchOf(titleEdit), 412),
    conditional('PATCH', '/Groups/g1', patchOf(addMembers('u2')), 400),
    patchUser('u1', titleEdit, 200),
    patchGroup(204, undefined, addMembers('u2')),
  ],
  95: [
    post('/Users', user('dora'), 201, (reply) => {
      answeredId = reply.body.id;
      expect(reply.headers.get('location')).toBe(reply.body.meta.location);
      expect(reply.body.meta.location).toMatch(new RegExp(`/Users/${answeredId}$`));
    }),
    findUser('userName', 'dora', 200, (reply) => expect(reply.body.Resources[0].id).not.toBe(answeredId)),
  ],
  96: [
    patchUser('u3', reactivation, 200, (reply) => {
      expect(reply.body).toMatchObject({ userName: 'carl', active: true });
      expect(reply.body.meta.location).toMatch(new RegExp(`/Users/${String(reply.body.id)}$`));
      expect(reply.body.id).not.toBe('u3');
    }),
    get('/Users/u3', 404),
    findUser('userName', 'carl', 200, { totalResults: 1 }),
  ],
  97: [
    patchGroup(204, undefined, addMembers('u2', 'u3')),
    get('/Groups/g1', 200, members('u2', 'u3')),
    put('/Groups/g1', group('Team', 'u1', 'u2'), 200, members('u1', 'u2')),
  ],
  98: [
    patchUser('u1', { op: 'add', path: 'emails', value: [{ value: 'ada@home.example', type: 'home' }] }, 200),
    patchUser('u1', { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@corp.example' }, 200),
    get('/Users/u1', 200, bodyHasEmails('a@corp.example')),
  ],
  99: [
    ['PATCH', '/Users/u1', patchOf(titleEdit, deactivation), 200, { title: 'Boss', active: true }],
    ['PATCH', '/Groups/g1', patchOf(addMembers('u2'), addMembers('u3')), 200, members('u1', 'u2')],
  ],
  100: [
    patchGroup(501, undefined, addMembers('u2')),
    put('/Groups/g1', group('Other', 'u1', 'u2'), 200, { displayName: 'Other', ...members('u1') }),
    post('/Groups', group('New', 'u1'), 201, { members: undefined }),
  ],
  101: [
    put('/Users/u1', employee('ada', 'u2'), 200),
    twoOperations('/Users/u1', rename, { op: 'remove', path: `${enterpriseUserSchema}:manager` }, 200),
    patchUser('u1', { op: 'replace', path: `${enterpriseUserSchema}:department`, value: 'IT' }, 200, {
      name: undefined,
      [enterpriseUserSchema]: { department: 'IT', manager: { value: 'u2' } },
    }),
    patchUser('u1', titleEdit, 200, { title: 'Boss' }),
  ],
  102: [
    post('/Users', user('dora', { externalId: 'dora', active: true }), 201, { active: false }),
    post('/Users', user('emma', { id: 'emma', active: true }), 201, { active: false }),
    patchUser('u3', reactivation, 200, { active: true }),
  ],
  103: [
    post('/Users', user('dora'), 201),
    findUser('userName', 'dora', 200, { totalResults: 0 }),
    get('/Users', 200, { totalResults: 3 }),
    patchUser('u1', { op: 'replace', path: 'userName', value: 'ada.lovelace' }, 200),
    shows({ userName: 'ada.lovelace' }),
    get('/Users', 200, { Resources: [{ userName: 'ada' }, { userName: 'bob' }, { userName: 'carl' }] }),
    post('/Users', user('dora'), 409, 'uniqueness'),
  ],
  104: [
    remove('/Users/u1', 405),
    remove('/Users/u1', 500),
    put('/Users/u1', user('ada', { active: false }), 200, { active: false }),
    remove('/Groups/g1', 204),
  ],
  105: [
    twoOperations('/Users/u1', titleEdit, { op: 'remove', path: 'displayName' }, 400),
    shows({ title: undefined, displayName: 'Ada' }),
    patchUser('u1', titleEdit, 200),
  ],
  106: [post('/Users', employee('dora', 'u1'), 500), post('/Users', user('dora'), 201)],
  107: [
    remove('/Users/u1', 204),
    get('/Groups/g1', 200, members('u1')),
    patchGroup(400, { detail: expect.stringContaining('"u1"') }, addMembers('u2')),
    ['PATCH', '/Groups/g1', patchOf({ op: 'remove', path: 'members[value eq "u1"]' }, addMembers('u2')), 204],
    get('/Groups/g1', 200, members('u2')),
  ],
  108: [
    get('/Users', 200, fields('9')),
    ...times(8, get('/Users', 200)),
    get('/Users', 200, fields('0')),
    get('/Users', 429, fields('0')),
  ],
  109: [
    get('/Users/u1', 200, (reply) => expect(reply.body.history).toHaveLength(28_000_000)),
    get('/Users?count=1', 200, (reply) => expect(reply.body.history).toHaveLength(28_000_000)),
  ],
  110: [
    post('/Users', user('dora'), 0),
    patchUser('u1', titleEdit, 0),
    shows({ title: undefined }),
    remove('/Users/u1', 0),
  ],
};

function bodyHasEmails(...values: readonly string[]): (reply: TestResponse) => void {
  return (reply) => expect(reply.body.emails.map(({ value }: { value: string }) => value)).toEqual(values);
}

function fields(remaining: string): (reply: TestResponse) => void {
  return ({ headers }) => {
    expect(headers.get('ratelimit-remaining')).toBe(remaining);
    expect(headers.get('ratelimit-reset')).toMatch(/^[12]$/);
    expect(headers.get('retry-after')).toBeNull();
  };
}
