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
const makes = (bulkId: string, path: string, data: object): object => ({ method: 'POST', bulkId, path, data });

/** The results of a Bulk request, one for each operation that was done. */
async function results(call: Call, message: object): Promise<readonly any[]> {
  const { status, body } = await call('POST', '/Bulk', message);
  expect({ status, schemas: body.schemas }).toEqual({
    status: 200,
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
  });
  return body.Operations;
}

describe('a Bulk request', () => {
  test('makes, changes and deletes, and answers each in its place', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    const {
      users: [ada, bob],
    } = sandbox.seed({ users: [{ userName: 'ada' }, { userName: 'bob' }] });
    const done = await results(
      call,
      bulkOf(
        makes('q', '/Users', user('dora')),
        { method: 'PATCH', path: `/Users/${ada?.id}`, data: patchOf({ op: 'replace', path: 'title', value: 'Boss' }) },
        { method: 'DELETE', path: `/Users/${bob?.id}` },
        { method: 'PUT', path: '/Users/nobody', data: user('nobody') },
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
    expect(pickExpected(done, expected)).toEqual(expected);
    expect(sandbox.users().map(({ userName, title }) => [userName, title])).toEqual([
      ['ada', 'Boss'],
      ['dora', undefined],
    ]);
  });

  test('points to what it makes itself, in whatever order', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    const done = await results(
      call,
      bulkOf(makes('g', '/Groups', group('Team', 'bulkId:u')), makes('u', '/Users', user('ada')), {
        method: 'PATCH',
        path: '/Users/bulkId:u',
        data: patchOf({ op: 'add', path: 'title', value: 'Boss' }),
      }),
    );
    expect(done.map(({ status }) => status)).toEqual(['201', '201', '200']);
    const [ada] = sandbox.users();
    expect(ada?.['title']).toBe('Boss');
    expect(sandbox.groups()[0]?.['members']).toMatchObject([{ value: ada?.id, type: 'User' }]);
  });

  test('refuses what points to nobody, or to what was refused', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    sandbox.seed({ users: [{ userName: 'ada' }] });
    const done = await results(
      call,
      bulkOf(
        makes('u', '/Users', user('ada')),
        makes('g', '/Groups', group('Team', 'bulkId:u')),
        makes('h', '/Groups', group('Other', 'bulkId:x')),
      ),
    );
    expect(done.map(({ status, response, location }) => [status, response.scimType, location])).toEqual([
      ['409', 'uniqueness', undefined],
      ['409', undefined, undefined],
      ['409', undefined, undefined],
    ]);
    expect(sandbox.groups()).toEqual([]);
  });

  test('ends after failOnErrors refusals', async () => {
    const { sandbox, call } = await startTestSandbox({ profile });
    const message = {
      ...bulkOf({ method: 'DELETE', path: '/Users/x' }, makes('u', '/Users', user('ada'))),
      failOnErrors: 1,
    };
    expect((await results(call, message)).map(({ status }) => status)).toEqual(['404']);
    expect(sandbox.users()).toEqual([]);
  });

  test('keeps to the profile in each operation', async () => {
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
      bulkOf(...Array.from({ length: 6 }, (_, at) => makes(String(at), '/Users', user(`u${at}`)))),
      413,
    ],
    ['too many bytes', bulkOf(makes('u', '/Users', user('ada', { title: 'x'.repeat(4000) }))), 413],
    ['no operations', bulkOf(), 400],
    ['another schema', { ...bulkOf(makes('u', '/Users', user('ada'))), schemas: [] }, 400],
    ['a POST without bulkId', bulkOf({ method: 'POST', path: '/Users', data: user('ada') }), 400],
    ['a GET', bulkOf({ method: 'GET', path: '/Users' }), 400],
    ['no data', bulkOf({ method: 'PUT', path: '/Users/x' }), 400],
  ])('%s: refused as a whole', async (_says, message, status) => {
    const { sandbox, call } = await startTestSandbox({ profile });
    expect((await call('POST', '/Bulk', message)).status).toBe(status);
    expect(sandbox.users()).toEqual([]);
  });

  test('is a POST, and nothing where it is not offered', async () => {
    expect((await (await startTestSandbox({ profile })).call('PUT', '/Bulk', {})).status).toBe(405);
    expect(
      (await (await startTestSandbox()).call('POST', '/Bulk', bulkOf(makes('u', '/Users', user('ada'))))).status,
    ).toBe(501);
  });
});
