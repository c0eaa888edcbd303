import { describe, expect, test } from '@jest/globals';
import { profileWith } from '../world/profile.ts';
import { pickExpected, group, patchOf, startTestSandbox, user, type Call } from './test-sandbox.ts';

const profile = profileWith({
  protocol: { bulk: 'offered' },
  limits: { maxBulkOperations: 5, maxPayloadSize: 4000, requestsPerSecond: 1000 },
});
const bulkOf = (...operations: object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  Operations: operations,
});
const createOperation = (bulkId: string, path: string, data: object): object => ({
  method: 'POST',
  bulkId,
  path,
  data,
});

/** Sends a Bulk request. @returns one result for each executed operation */
async function results(call: Call, message: object): Promise<readonly any[]> {
  const { status, body } = await call('POST', '/Bulk', message);
  expect({ status, schemas: body.schemas }).toEqual({
    status: 200,
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
  });
  return body.Operations;
}

describe('a Bulk request', () => {
  test('creates, updates and deletes, with results in the order of the operations', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    const {
      users: [ada, bob],
    } = sandbox.seed({ users: [{ userName: 'ada' }, { userName: 'bob' }] });
    const operationResults = await results(
      call,
      bulkOf(
        createOperation('q', '/Users', user('dora')),
        { method: 'PATCH', path: `/Users/${ada?.id}`, data: patchOf({ op: 'replace', path: 'title', value: 'Boss' }) },
        { method: 'DELETE', path: `/Users/${bob?.id}` },
        { method: 'PUT', path: '/Users/unknown', data: user('unknown') },
      ),
    );
    const expected = [
      {
        method: 'POST',
        bulkId: 'q',
        status: '201',
        version: expect.any(String),
        location: expect.stringContaining('/Users/'),
        response: undefined,
      },
      { method: 'PATCH', bulkId: undefined, status: '200', location: ada?.meta.location },
      { method: 'DELETE', status: '204', location: bob?.meta.location },
      { method: 'PUT', status: '404', response: { status: '404', detail: expect.any(String) } },
    ];
    expect(pickExpected(operationResults, expected)).toEqual(expected);
    expect(sandbox.users().map(({ userName, title }) => [userName, title])).toEqual([
      ['ada', 'Boss'],
      ['dora', undefined],
    ]);
  });

  test('resolves bulkIds in any order', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    const operationResults = await results(
      call,
      bulkOf(createOperation('g', '/Groups', group('Team', 'bulkId:u')), createOperation('u', '/Users', user('ada')), {
        method: 'PATCH',
        path: '/Users/bulkId:u',
        data: patchOf({ op: 'add', path: 'title', value: 'Boss' }),
      }),
    );
    expect(operationResults.map(({ status }) => status)).toEqual(['201', '201', '200']);
    const [ada] = sandbox.users();
    expect(ada?.['title']).toBe('Boss');
    expect(sandbox.groups()[0]?.['members']).toMatchObject([{ value: ada?.id, type: 'User' }]);
  });

  test('refuses references to unknown bulkIds and to refused creates', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    sandbox.seed({ users: [{ userName: 'ada' }] });
    const operationResults = await results(
      call,
      bulkOf(
        createOperation('u', '/Users', user('ada')),
        createOperation('g', '/Groups', group('Team', 'bulkId:u')),
        createOperation('h', '/Groups', group('Other', 'bulkId:x')),
      ),
    );
    expect(operationResults.map(({ status, response, location }) => [status, response.scimType, location])).toEqual([
      ['409', 'uniqueness', undefined],
      ['409', undefined, undefined],
      ['409', undefined, undefined],
    ]);
    expect(sandbox.groups()).toEqual([]);
  });

  test('stops after failOnErrors errors', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    const message = {
      ...bulkOf({ method: 'DELETE', path: '/Users/x' }, createOperation('u', '/Users', user('ada'))),
      failOnErrors: 1,
    };
    expect((await results(call, message)).map(({ status }) => status)).toEqual(['404']);
    expect(sandbox.users()).toEqual([]);
  });

  test('applies the profile to each operation', async () => {
    const { sandbox, call } = await startTestSandbox({
      profile: { ...profile, protocol: { ...profile.protocol, update: 'put' } },
    });
    sandbox.seed({ users: [{ id: 'u1', userName: 'ada' }] });
    const [patched] = await results(
      call,
      bulkOf({ method: 'PATCH', path: '/Users/u1', data: patchOf({ op: 'add', path: 'title', value: 'Boss' }) }),
    );
    expect(patched.status).toBe('501');
  });

  test.each([
    [
      'too many operations',
      bulkOf(...Array.from({ length: 6 }, (_, at) => createOperation(String(at), '/Users', user(`u${at}`)))),
      413,
    ],
    ['too many bytes', bulkOf(createOperation('u', '/Users', user('ada', { title: 'x'.repeat(4000) }))), 413],
    ['no operations', bulkOf(), 400],
    ['another schema', { ...bulkOf(createOperation('u', '/Users', user('ada'))), schemas: [] }, 400],
    ['a POST without bulkId', bulkOf({ method: 'POST', path: '/Users', data: user('ada') }), 400],
    ['a GET', bulkOf({ method: 'GET', path: '/Users' }), 400],
    ['no data', bulkOf({ method: 'PUT', path: '/Users/x' }), 400],
  ])('%s: the complete request is refused', async (_case, message, status) => {
    const { sandbox, call } = await startTestSandbox({ profile });
    expect((await call('POST', '/Bulk', message)).status).toBe(status);
    expect(sandbox.users()).toEqual([]);
  });

  test('must be a POST, and returns 501 if Bulk is not supported', async () => {
    expect((await (await startTestSandbox({ profile })).call('PUT', '/Bulk', {})).status).toBe(405);
    expect(
      (await (await startTestSandbox()).call('POST', '/Bulk', bulkOf(createOperation('u', '/Users', user('ada')))))
        .status,
    ).toBe(501);
  });
});
