import { describe, expect, test } from '@jest/globals';
import { parseBulkResponse, bulkRequest, type BulkRequestItem } from '../../../src/scim/encode/bulk-message.ts';

const endpoints = { users: '/Users', groups: '/v2/Groups', discovery: '/ServiceProviderConfig' };
const create: BulkRequestItem = {
  request: { method: 'POST', path: '/Users', body: { userName: 'ada' } },
  bulkId: 'new1',
};
const patch: BulkRequestItem = {
  request: { method: 'PATCH', path: '/Groups/a%7Cb', body: { Operations: [] }, ifMatch: 'W/"1"' },
};
const gone: BulkRequestItem = { request: { method: 'DELETE', path: '/Users/c' } };
const all = [create, patch, gone];

test('a Bulk request', () => {
  expect(bulkRequest(all, endpoints)).toEqual({
    method: 'POST',
    path: '/Bulk',
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'new1', data: { userName: 'ada' } },
        { method: 'PATCH', path: '/v2/Groups/a%7Cb', version: 'W/"1"', data: { Operations: [] } },
        { method: 'DELETE', path: '/Users/c' },
      ],
    },
  });
});

describe('results of a Bulk response', () => {
  const done = {
    method: 'POST',
    bulkId: 'new1',
    status: '201',
    location: 'https://x.example/scim/Users/77',
    version: 'W/"9"',
  };
  const changed = { method: 'PATCH', status: 200, location: 'https://x.example/scim/v2/Groups/a%7Cb' };
  const removed = { method: 'DELETE', status: { code: '204' }, location: '/Users/c' };
  const brief = (body: unknown) =>
    parseBulkResponse(body, all)?.map((answer) =>
      answer.kind === 'response' ? [answer.status, answer.body, answer.headers] : answer.kind,
    );
  const ada = [201, { id: '77' }, { etag: 'W/"9"' }];
  const group = [200, { id: 'a|b' }, {}];
  const cut = [204, { id: 'c' }, {}];

  test.each<[string, readonly unknown[], readonly unknown[]]>([
    ['in order', [done, changed, removed], [ada, group, cut]],
    ['in reverse order', [removed, changed, done], [ada, group, cut]],
    ['some results', [removed, done], [ada, 'noResponse', cut]],
    ['no results', [], ['noResponse', 'noResponse', 'noResponse']],
    [
      'without locations',
      [
        { method: 'post', bulkId: 'new1', status: '201', response: { id: 5 } },
        { method: 'patch', status: '204' },
        { method: 'delete', status: '204' },
      ],
      [
        [201, { id: 5 }, {}],
        [204, undefined, {}],
        [204, undefined, {}],
      ],
    ],
    [
      'a refusal',
      [{ method: 'POST', bulkId: 'new1', status: '409', response: { scimType: 'uniqueness' } }, changed, removed],
      [[409, { scimType: 'uniqueness' }, {}], group, cut],
    ],
    [
      'a response without an id',
      [
        { ...done, response: { userName: 'ada' } },
        { ...changed, response: {} },
        { ...removed, response: null },
      ],
      [[201, { userName: 'ada', id: '77' }, { etag: 'W/"9"' }], group, cut],
    ],
    [
      'without a status',
      [{ ...done, status: undefined }, changed, { ...removed, status: 'ok' }],
      ['noResponse', group, 'noResponse'],
    ],
    ['of another operation', [{ ...done, bulkId: 'new9' }, changed, removed], ['noResponse', group, cut]],
  ])('%s', (_, operations, expected) => {
    expect(brief({ Operations: operations })).toEqual(expected);
    expect(brief({ operations })).toEqual(expected);
  });

  test('the results of two changes in reverse order', () => {
    const other: BulkRequestItem = { request: { method: 'PATCH', path: '/Users/d', body: {} } };
    const answers = parseBulkResponse(
      { Operations: [{ method: 'PATCH', status: '404', location: '/Users/d' }, changed] },
      [patch, other],
    );
    expect(answers?.map((answer) => answer.kind === 'response' && answer.status)).toEqual([200, 404]);
    const elsewhere = { method: 'PATCH', status: '200', location: 'https://x.example/somewhere/else' };
    expect(
      parseBulkResponse({ Operations: [elsewhere, { ...elsewhere }] }, [patch, other])?.map(({ kind }) => kind),
    ).toEqual(['response', 'response']);
  });

  test('a user and a group with the same id', () => {
    const changes = ['/Users/5', '/Groups/5'].map((path): BulkRequestItem => ({
      request: { method: 'PATCH', path, body: {} },
    }));
    const results = [
      { method: 'PATCH', status: '404', location: 'https://x.example/scim/groups/5' },
      { method: 'PATCH', status: '200', location: '/Users/5' },
    ];
    expect(
      parseBulkResponse({ Operations: results }, changes)?.map((answer) => answer.kind === 'response' && answer.status),
    ).toEqual([200, 404]);
    expect(
      parseBulkResponse({ Operations: results.slice(0, 1) }, changes)?.map((answer) =>
        answer.kind === 'response' ? answer.status : answer.kind,
      ),
    ).toEqual(['noResponse', 404]);
  });

  test.each([[undefined], [{}], [{ Operations: 'none' }]])('%j is not a Bulk response', (body) => {
    expect(parseBulkResponse(body, all)).toBeUndefined();
  });
});
