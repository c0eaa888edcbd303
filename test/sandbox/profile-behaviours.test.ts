import { describe, expect, test } from '@jest/globals';
import { enterpriseUserSchema } from '../../src/model/path.ts';
import { profileWith, type ProfileOverrides } from '../world/profile.ts';
import {
  addMembers,
  findUser,
  deactivation,
  get,
  members,
  patchGroup,
  patchUser,
  removeMember,
  reactivation,
  seed,
  runExchanges,
  titleEdit,
  type Exchange,
} from './exchange.ts';
import { group, patchOf, startTestSandbox, user } from './test-sandbox.ts';

type Row = readonly [title: string, settings: ProfileOverrides, ...exchanges: Exchange[]];

const supports: readonly Row[] = [
  ['no groups', { supports: { groups: false } }, get('/Groups', 404), ['POST', '/Groups', group('New'), 404]],
  [
    'groups are read-only',
    { supports: { groupsReadOnly: true } },
    ['POST', '/Groups', group('New'), 403],
    ['DELETE', '/Groups/g1', undefined, 403],
    patchGroup(400, 'mutability', { op: 'replace', path: 'displayName', value: 'Other' }),
    patchGroup(204, undefined, addMembers('u2')),
  ],
  [
    'group names are immutable',
    { supports: { groupNameImmutable: true } },
    patchGroup(400, 'mutability', { op: 'replace', path: 'displayName', value: 'Other' }),
    ['PUT', '/Groups/g1', group('Team'), 200],
  ],
  [
    'only some attributes are stored',
    {
      supports: {
        onlyAttributes: [
          'userName',
          'name.givenName',
          'emails[type eq "work"].value',
          `${enterpriseUserSchema}:department`,
        ],
      },
    },
    [
      'POST',
      '/Users',
      user('dora', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterpriseUserSchema],
        title: 'Boss',
        name: { givenName: 'Dora', familyName: 'D' },
        emails: [
          { type: 'work', value: 'd@x', display: 'D' },
          { type: 'home', value: 'h@x' },
        ],
        [enterpriseUserSchema]: { department: 'IT', division: 'EU' },
      }),
      201,
      {
        title: undefined,
        name: { givenName: 'Dora' },
        emails: [{ type: 'work', value: 'd@x' }],
        [enterpriseUserSchema]: { department: 'IT' },
      },
    ],
  ],
  [
    'some attributes are not supported',
    {
      supports: {
        unsupportedAttributes: ['externalId', 'name.givenName', 'emails[type eq "home"].value', 'addresses'],
      },
    },
    [
      'POST',
      '/Users',
      user('dora', {
        externalId: 'e4',
        name: { givenName: 'Dora', familyName: 'D' },
        emails: [
          { type: 'work', value: 'd@x' },
          { type: 'home', value: 'h@x' },
        ],
        addresses: [{ locality: 'Ulm' }],
      }),
      201,
      {
        externalId: undefined,
        name: { familyName: 'D' },
        emails: [{ type: 'work', value: 'd@x' }],
        addresses: undefined,
      },
    ],
    ['POST', '/Groups', { ...group('New'), externalId: 't9' }, 201, { externalId: undefined }],
  ],
  [
    'required attributes',
    { supports: { requiredAttributes: ['emails', 'name.familyName'] } },
    ['POST', '/Users', user('dora', { name: { familyName: 'D' } }), 400, 'invalidValue'],
    ['POST', '/Users', user('dora', { name: { familyName: 'D' }, emails: [{ value: 'd@x' }] }), 201],
  ],
  [
    'values in lower case',
    { supports: { caseInsensitive: ['userName', 'emails'] } },
    [
      'POST',
      '/Users',
      user('Dora', { emails: [{ value: 'D@X', type: 'Work' }] }),
      201,
      { userName: 'dora', emails: [{ value: 'd@x', type: 'Work' }] },
    ],
  ],
  [
    'telephone numbers without punctuation',
    { supports: { ignoresPunctuation: ['phoneNumbers[type eq "work"].value'] } },
    [
      'POST',
      '/Users',
      user('dora', {
        phoneNumbers: [
          { type: 'work', value: '+49 (731) 12-3' },
          { type: 'home', value: '1 2' },
        ],
      }),
      201,
      {
        phoneNumbers: [
          { type: 'work', value: '+49731123' },
          { type: 'home', value: '1 2' },
        ],
      },
    ],
  ],
  [
    'constraints on values',
    { supports: { values: { userName: { maxLength: 5, rejectPattern: '@', lowerCase: true } } } },
    ['POST', '/Users', user('dorothea'), 400, 'invalidValue'],
    ['POST', '/Users', user('d@x'), 400, 'invalidValue'],
    ['POST', '/Users', user('Dora'), 201, { userName: 'dora' }],
  ],
  [
    'immutable attributes',
    { supports: { immutableAttributes: ['userName', 'name.familyName', 'emails'] } },
    ['POST', '/Users', user('dora', { id: 'd', name: { givenName: 'Dora', familyName: 'D' } }), 201],
    patchUser('u1', { op: 'replace', path: 'userName', value: 'eva' }, 200, { userName: 'ada' }),
    patchUser('u1', titleEdit, 200, { title: 'Boss', userName: 'ada' }),
  ],
  [
    'constraints on lists',
    { supports: { lists: { emails: { maxItems: 1, primary: true, subAttributes: ['value', 'type', 'primary'] } } } },
    ['POST', '/Users', user('dora', { emails: [{ value: 'd@x' }] }), 400, 'invalidValue'],
    [
      'POST',
      '/Users',
      user('dora', { emails: [{ value: 'd@x', primary: true }, { value: 'e@x' }] }),
      400,
      'invalidValue',
    ],
    ['POST', '/Users', user('dora', { emails: [{ value: 'd@x', primary: true, display: 'D' }] }), 400, 'invalidValue'],
    ['POST', '/Users', user('dora', { emails: [{ value: 'd@x', primary: true }] }), 201],
  ],
  [
    'enterprise attributes under another URN',
    { supports: { enterpriseSchema: 'urn:x:User' } },
    [
      'POST',
      '/Users',
      user('dora', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:x:User'],
        'urn:x:User': { department: 'IT' },
      }),
      201,
      { 'urn:x:User': { department: 'IT' } },
    ],
    patchUser('u1', { op: 'add', path: 'urn:x:User:manager', value: { value: 'unknown' } }, 400, 'invalidValue'),
    patchUser('u1', { op: 'add', path: `${enterpriseUserSchema}:department`, value: 'IT' }, 400, 'invalidPath'),
  ],
  [
    'no enterprise attributes',
    { supports: { enterpriseSchema: null } },
    patchUser('u1', { op: 'add', path: `${enterpriseUserSchema}:department`, value: 'IT' }, 400, 'invalidPath'),
  ],
];

const endpoints = { users: '/people', groups: '/teams', discovery: '/config' };
const protocol: readonly Row[] = [
  [
    'other endpoints',
    { protocol: { endpoints } },
    get('/Users', 404),
    get('/people/u1', 200, { meta: { location: expect.stringMatching(/\/people\/u1$/) } }),
    get('/teams', 200),
    get('/config', 200, { patch: { supported: true } }),
    get('/ServiceProviderConfig', 404),
    get('/ResourceTypes/User', 200, { endpoint: '/people' }),
  ],
  [
    'required headers',
    { protocol: { headers: { 'X-Tenant': '7' } } },
    get('/Users', 400),
    ['GET', '/Users', undefined, 200, undefined, { 'x-tenant': '7' }],
  ],
  [
    'required content type',
    { protocol: { contentType: 'application/json' } },
    ['POST', '/Users', user('dora'), 415],
    ['POST', '/Users', user('dora'), 201, undefined, { 'content-type': 'application/json' }],
  ],
  ['no discovery', { protocol: { discovery: 'off' } }, get('/ServiceProviderConfig', 404), get('/Schemas', 404)],
  [
    'PUT only',
    { protocol: { update: 'put' } },
    patchUser('u1', titleEdit, 501),
    ['PUT', '/Users/u1', user('ada', { title: 'Boss' }), 200, { title: 'Boss' }],
    get('/ServiceProviderConfig', 200, { patch: { supported: false } }),
  ],
  [
    'GET, then PUT',
    { protocol: { update: 'getThenPut' } },
    patchUser('u1', titleEdit, 501),
    ['PUT', '/Users/u1', user('ada'), 200, { displayName: undefined }],
  ],
  [
    'PATCH only',
    { protocol: { update: 'patch' } },
    ['PUT', '/Users/u1', user('ada'), 405],
    ['PUT', '/Groups/g1', group('Team'), 405],
    patchUser('u1', titleEdit, 200),
  ],
  [
    'groups by PUT, users by PATCH',
    { protocol: { update: 'patch', updateGroups: 'put' } },
    patchGroup(501, undefined, addMembers('u2')),
    ['PUT', '/Groups/g1', group('Team', 'u1', 'u2'), 200],
    patchUser('u1', titleEdit, 200),
  ],
  ['ops in lower case', {}, patchUser('u1', { ...titleEdit, op: 'Replace' }, 400, 'invalidSyntax')],
  [
    'ops in title case',
    { protocol: { patchOps: 'title' } },
    patchUser('u1', titleEdit, 400, 'invalidSyntax'),
    patchUser('u1', { ...titleEdit, op: 'Replace' }, 200, { title: 'Boss' }),
  ],
  [
    'paths are required',
    {},
    patchUser('u1', { op: 'replace', value: { title: 'Boss' } }, 400, 'noTarget'),
    patchUser('u1', titleEdit, 200),
  ],
  [
    'nested values without a path',
    { protocol: { patchPaths: 'nested' } },
    patchUser('u1', titleEdit, 400, 'invalidPath'),
    patchUser('u1', { op: 'replace', value: { name: { givenName: 'A' } } }, 200, { name: { givenName: 'A' } }),
  ],
  [
    'dotted keys without a path',
    { protocol: { patchPaths: 'dotted' } },
    patchUser('u1', titleEdit, 400, 'invalidPath'),
    patchUser(
      'u1',
      { op: 'replace', value: { 'name.givenName': 'A', displayName: null, 'emails[type eq "work"].value': 'a@x' } },
      200,
      { name: { givenName: 'A' }, displayName: undefined, emails: [{ value: 'a@x', type: 'work' }] },
    ),
  ],
  [
    'no value paths',
    { protocol: { valuePaths: false } },
    patchUser('u1', { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x' }, 400, 'invalidPath'),
    patchUser('u1', { op: 'replace', path: 'emails', value: [{ value: 'a@x' }] }, 200, { emails: [{ value: 'a@x' }] }),
  ],
  [
    'booleans as strings',
    { protocol: { booleans: 'text' } },
    patchUser('u1', deactivation, 400, 'invalidValue'),
    patchUser('u1', { ...deactivation, value: 'false' }, 200, { active: false }),
    [
      'POST',
      '/Users',
      user('dora', { emails: [{ value: 'd@x', primary: 'true' }] }),
      201,
      { emails: [{ value: 'd@x', primary: true }] },
    ],
  ],
  [
    'booleans as strings in title case',
    { protocol: { booleans: 'titleText' } },
    patchUser('u1', { ...deactivation, value: 'false' }, 400, 'invalidValue'),
    patchUser('u1', { ...deactivation, value: 'False' }, 200, { active: false }),
  ],
  [
    'manager as a complex attribute',
    {},
    patchUser('u1', { op: 'add', path: `${enterpriseUserSchema}:manager`, value: 'u2' }, 400, 'invalidValue'),
  ],
  [
    'manager as a string',
    { protocol: { manager: 'text' } },
    patchUser(
      'u1',
      { op: 'add', path: `${enterpriseUserSchema}:manager`, value: { value: 'u2' } },
      400,
      'invalidValue',
    ),
    patchUser('u1', { op: 'add', path: `${enterpriseUserSchema}:manager`, value: 'u2' }, 200, {
      [enterpriseUserSchema]: { manager: 'u2' },
    }),
    [
      'PUT',
      '/Users/u2',
      user('bob', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterpriseUserSchema],
        [enterpriseUserSchema]: { manager: 'u1' },
      }),
      200,
      { [enterpriseUserSchema]: { manager: 'u1' } },
    ],
  ],
  [
    'members are added as a list',
    {},
    patchGroup(400, 'invalidValue', { op: 'add', path: 'members', value: { members: [{ value: 'u2' }] } }),
    patchGroup(204, undefined, addMembers('u2')),
    get('/Groups/g1', 200, members('u1', 'u2')),
  ],
  [
    'members are added as an object',
    { protocol: { addMembers: 'object' } },
    patchGroup(400, 'invalidValue', addMembers('u2')),
    patchGroup(204, undefined, { op: 'add', path: 'members', value: { members: [{ value: 'u2' }] } }),
    get('/Groups/g1', 200, members('u1', 'u2')),
  ],
  [
    'members are added without a path',
    { protocol: { addMembers: 'noPath' } },
    patchGroup(400, 'invalidValue', addMembers('u2')),
    patchGroup(204, undefined, { op: 'add', value: { members: [{ value: 'u2' }] } }),
    get('/Groups/g1', 200, members('u1', 'u2')),
  ],
  [
    'adding members replaces them all',
    { protocol: { addMembers: 'replace' } },
    patchGroup(204, undefined, addMembers('u2')),
    get('/Groups/g1', 200, members('u2')),
    patchGroup(204, undefined, { op: 'replace', path: 'members', value: [{ value: 'u1' }, { value: 'u3' }] }),
    get('/Groups/g1', 200, members('u1', 'u3')),
  ],
  [
    'members are removed by filter',
    {},
    patchGroup(400, 'invalidPath', { op: 'remove', path: 'members', value: [{ value: 'u1' }] }),
    patchGroup(204, undefined, removeMember('u1')),
    get('/Groups/g1', 200, { members: undefined }),
  ],
  [
    'members are removed as a list',
    { protocol: { removeMembers: 'list' } },
    patchGroup(400, 'invalidPath', removeMember('u1')),
    patchGroup(204, undefined, { op: 'remove', path: 'members', value: [{ value: 'u1' }] }),
    get('/Groups/g1', 200, { members: undefined }),
  ],
  [
    'members are never returned',
    { protocol: { returnsMembers: false } },
    get('/Groups/g1', 200, { members: undefined }),
    get('/Groups', 200, { Resources: [{ members: undefined }] }),
  ],
  [
    'members are returned with a query parameter',
    { protocol: { groupReadQuery: { all: 'yes' } } },
    get('/Groups/g1', 200, { members: undefined }),
    get('/Groups/g1?all=yes', 200, members('u1')),
  ],
  [
    'lists by cursor',
    { protocol: { listing: 'cursor' } },
    get('/Users?startIndex=1', 400),
    get('/Users?count=2', 200, {
      nextCursor: expect.any(String),
      totalResults: 3,
      Resources: [expect.anything(), expect.anything()],
    }),
    get('/Users?cursor=x', 400),
    get('/ServiceProviderConfig', 200, { pagination: { cursor: true, index: false } }),
  ],
  [
    'lists on a single page',
    { protocol: { listing: 'single' }, limits: { pageSize: 1 } },
    get('/Users?startIndex=3&count=1', 200, { totalResults: 3, itemsPerPage: 3 }),
  ],
  [
    'unreliable lists',
    { protocol: { listing: 'unreliable' } },
    get('/Users', 200, { totalResults: 0, Resources: [] }),
    get('/Users?filter=userName%20eq%20%22ada%22', 200, { totalResults: 1 }),
  ],
  [
    'DELETE deactivates, active false is refused',
    { protocol: { deactivation: 'delete' } },
    patchUser('u1', deactivation, 400, 'invalidValue'),
    ['DELETE', '/Users/u1', undefined, 204],
    get('/Users/u1', 200, { active: false }),
  ],
  [
    'DELETE deactivates',
    { protocol: { deletion: 'deactivates' } },
    ['DELETE', '/Users/u1', undefined, 204],
    get('/Users/u1', 200, { active: false }),
    patchUser('u1', reactivation, 200, { active: true }),
  ],
  [
    'no DELETE of users',
    { protocol: { deletion: 'never' } },
    ['DELETE', '/Users/u1', undefined, 405],
    ['DELETE', '/Groups/g1', undefined, 204],
  ],
  [
    'inactive users are not found',
    { protocol: { inactiveUsers: 'notFound' } },
    get('/Users/u3', 404),
    get('/Users', 200, { totalResults: 2 }),
    patchUser('u3', titleEdit, 404),
    ['DELETE', '/Users/u3', undefined, 404],
    patchUser('u3', reactivation, 200),
  ],
  [
    'inactive users are anonymised',
    { protocol: { inactiveUsers: 'anonymised' } },
    get('/Users/u3', 200, { userName: expect.stringMatching(/^[0-9a-f]{20}$/), displayName: undefined }),
    get('/Users?filter=userName%20eq%20%22carl%22', 200, { totalResults: 0 }),
    ['POST', '/Users', user('carl'), 409],
    patchUser('u3', reactivation, 200, { userName: 'carl', displayName: 'Carl' }),
  ],
  [
    'inactive users are not writable',
    { protocol: { inactiveUsersWritable: false } },
    patchUser('u3', titleEdit, 400, 'mutability'),
    patchUser('u3', reactivation, 200),
    patchUser('u3', titleEdit, 200),
  ],
  [
    'reactivation by PUT',
    { protocol: { update: 'patch', reactivation: 'put' } },
    patchUser('u3', reactivation, 400, 'invalidValue'),
    ['PUT', '/Users/u3', user('carl', { active: true }), 200, { active: true }],
  ],
  [
    'reactivation of hidden users by PUT',
    { protocol: { inactiveUsers: 'notFound', reactivation: 'put' } },
    patchUser('u3', reactivation, 404),
    ['PUT', '/Users/u3', user('carl', { active: true }), 200, { active: true }],
  ],
  [
    'reactivation by POST',
    { protocol: { reactivation: 'create' } },
    patchUser('u3', reactivation, 400, 'invalidValue'),
    ['POST', '/Users', user('carl', { externalId: 'e3' }), 201, { id: 'u3', active: true }],
    ['POST', '/Users', user('ada'), 409],
  ],
  [
    'no reactivation',
    { protocol: { reactivation: 'never' } },
    patchUser('u3', reactivation, 400, 'invalidValue'),
    ['PUT', '/Users/u3', user('carl'), 400, 'invalidValue'],
  ],
  [
    'deletion is final',
    { protocol: { reactivation: 'create', deletionIsFinal: true } },
    ['DELETE', '/Users/u1', undefined, 204],
    ['POST', '/Users', user('ada'), 201, { id: expect.not.stringMatching(/^u1$/) }],
  ],
  [
    'deletion removes memberships',
    { protocol: { deletionEndsMemberships: true } },
    ['DELETE', '/Users/u1', undefined, 204],
    get('/Groups/g1', 200, { members: undefined }),
  ],
  [
    'deletion keeps memberships',
    { protocol: { deletionEndsMemberships: false } },
    ['DELETE', '/Users/u1', undefined, 204],
    get('/Groups/g1', 200, members('u1')),
  ],
  [
    'another status for conflicts',
    { protocol: { conflictStatuses: [400], conflictMessages: ['is taken'] } },
    ['POST', '/Users', user('ada'), 400, { detail: 'is taken', scimType: undefined }],
  ],
  [
    'required If-Match',
    { protocol: { ifMatch: 'always' } },
    patchUser('u1', titleEdit, 428),
    ['PATCH', '/Users/u1', patchOf(titleEdit), 200, undefined, { 'if-match': '*' }],
  ],
  ['no ETags', { protocol: { ifMatch: 'never' } }, get('/Users/u1', 200, { meta: { version: undefined } })],
  [
    'unknown members are ignored',
    { protocol: { verifyWrites: 'members' } },
    patchGroup(204, undefined, addMembers('u2', 'unknown')),
    get('/Groups/g1', 200, members('u1', 'u2')),
  ],
  [
    'unknown members are refused',
    {},
    patchGroup(400, 'invalidValue', addMembers('u2', 'unknown')),
    get('/Groups/g1', 200, members('u1')),
  ],
  [
    'no Bulk',
    {},
    ['POST', '/Bulk', {}, 501],
    get('/ServiceProviderConfig', 200, { bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 } }),
  ],
  [
    'Bulk',
    { protocol: { bulk: 'offered' }, limits: { maxBulkOperations: 7, maxPayloadSize: 9000 } },
    ['POST', '/Bulk', {}, 400, 'invalidSyntax'],
    get('/ServiceProviderConfig', 200, { bulk: { supported: true, maxOperations: 7, maxPayloadSize: 9000 } }),
  ],
  [
    'Bulk without PATCH',
    { protocol: { bulk: 'offered', bulkMethods: ['POST', 'PUT', 'DELETE'] } },
    [
      'POST',
      '/Bulk',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          { method: 'PATCH', path: '/Users/u1', data: patchOf(titleEdit) },
          { method: 'DELETE', path: '/Users/u2' },
        ],
      },
      200,
      { Operations: [expect.objectContaining({ status: '501' }), expect.objectContaining({ status: '204' })] },
    ],
    get('/Users/u1', 200, { title: undefined }),
    get('/Users/u2', 404),
  ],
  [
    'searches show a new user late',
    { protocol: { consistencyDelaySeconds: 60 } },
    ['POST', '/Users', user('dora', { externalId: 'e9' }), 201, { userName: 'dora' }],
    findUser('externalId', 'e9', 200, { totalResults: 0 }),
    ['POST', '/Users', user('dora'), 409],
  ],
];

const limits: readonly Row[] = [
  ['one request per second', { limits: { requestsPerSecond: 1 } }, get('/Users', 200), get('/Users', 429)],
  [
    'quotas',
    { limits: { quotas: [{ methods: ['POST'], resourceType: 'User', requests: 1, seconds: 3600 }] } },
    ['POST', '/Users', user('dora'), 201],
    ['POST', '/Users', user('emil'), 429],
    ['POST', '/Groups', group('New'), 201],
    get('/Users', 200),
  ],
  [
    'members in a request',
    { limits: { membersPerRequest: 1 } },
    patchGroup(400, 'invalidValue', addMembers('u2', 'u3')),
    patchGroup(400, 'invalidValue', removeMember('u1'), addMembers('u2')),
    patchGroup(204, undefined, addMembers('u2')),
    ['POST', '/Groups', group('New', 'u1', 'u2'), 400],
    ['PUT', '/Groups/g1', group('Team', 'u1', 'u2', 'u3'), 200],
    ['PUT', '/Groups/g1', group('Team'), 200],
  ],
  [
    'removals in a request',
    { limits: { removalsPerRequest: 1 } },
    patchGroup(204, undefined, addMembers('u2', 'u3')),
    patchGroup(400, 'invalidValue', removeMember('u1'), removeMember('u2')),
    patchGroup(204, undefined, removeMember('u1')),
  ],
  [
    'add and remove in separate requests',
    { limits: { addAndRemoveTogether: false } },
    patchGroup(400, 'invalidValue', removeMember('u1'), addMembers('u2')),
    patchGroup(204, undefined, addMembers('u2')),
    patchGroup(204, undefined, removeMember('u1')),
  ],
  [
    'PATCH of a large group removes members',
    { limits: { maxPatchableGroupSize: 1 } },
    patchGroup(204, undefined, addMembers('u2')),
    patchGroup(204, undefined, addMembers('u3')),
    get('/Groups/g1', 200, members('u1', 'u3')),
  ],
  [
    'members of a group',
    { limits: { membersPerGroup: 2 } },
    patchGroup(204, undefined, addMembers('u2')),
    patchGroup(400, 'invalidValue', addMembers('u3')),
  ],
  [
    'operations in a PATCH',
    { limits: { operationsPerPatch: 1 } },
    patchGroup(400, 'invalidValue', removeMember('u1'), addMembers('u2')),
  ],
  [
    'the size of a body',
    { limits: { maxPayloadSize: 100 } },
    ['POST', '/Users', user('dora', { title: 'x'.repeat(100) }), 413],
  ],
  [
    'the size of a page',
    { limits: { pageSize: 2 } },
    get('/Users?count=100', 200, { itemsPerPage: 2, totalResults: 3 }),
  ],
];

describe.each([
  ['supports', supports],
  ['protocol', protocol],
  ['limits', limits],
] as const)('%s', (_part, rows) => {
  test.each(rows)('%s', async (_title, settings, ...exchanges) => {
    const { sandbox, call } = await startTestSandbox({
      profile: profileWith({ ...settings, limits: { requestsPerSecond: 1000, ...settings.limits } }),
    });
    sandbox.seed(seed);
    await runExchanges(call, exchanges);
  });
});

test('paging by cursor returns every user once', async () => {
  const { sandbox, call } = await startTestSandbox({
    profile: profileWith({ protocol: { listing: 'cursor' }, limits: { requestsPerSecond: 1000 } }),
  });
  sandbox.seed(seed);
  const ids: string[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const { body } = await call('GET', `/Users?count=2&cursor=${cursor}`);
    ids.push(...body.Resources.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  }
  expect(ids).toEqual(['u1', 'u2', 'u3']);
});

test('options override the profile', async () => {
  const { call } = await startTestSandbox({
    profile: profileWith({ limits: { requestsPerSecond: 1, quotas: [{ requests: 1, seconds: 60 }] } }),
    requestsPerSecond: 100,
    quotas: [],
  });
  expect([
    (await call('GET', '/Users')).status,
    (await call('GET', '/Users')).status,
    (await call('GET', '/Users')).status,
  ]).toEqual([200, 200, 200]);
});
