import { expect } from '@jest/globals';
import { pickExpected, patchOf, type Call, type TestResponse } from './test-sandbox.ts';

/** Resources before each exchange: two active users, an inactive one, and a group with the first user. */
export const seed = {
  users: [
    {
      id: 'u1',
      userName: 'ada',
      externalId: 'e1',
      displayName: 'Ada',
      active: true,
      emails: [{ value: 'ada@corp.example', type: 'work' }],
    },
    { id: 'u2', userName: 'bob', externalId: 'e2', active: true },
    { id: 'u3', userName: 'carl', externalId: 'e3', displayName: 'Carl', active: false },
  ],
  groups: [{ id: 'g1', displayName: 'Team', members: [{ value: 'u1' }] }],
};

/**
 * Expected body: an object (undefined properties must be absent), a scimType, a pattern, or a function with assertions.
 */
export type ExpectedBody = object | string | RegExp | ((reply: TestResponse) => void);

/** A request, the expected status, and the expected body. */
export type Exchange = readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  expected?: ExpectedBody | undefined,
  headers?: Record<string, string>,
];

export const get = (path: string, status: number, expected?: ExpectedBody): Exchange => [
  'GET',
  path,
  undefined,
  status,
  expected,
];
export const post = (path: string, body: object, status: number, expected?: ExpectedBody): Exchange => [
  'POST',
  path,
  body,
  status,
  expected,
];
export const put = (path: string, body: object, status: number, expected?: ExpectedBody): Exchange => [
  'PUT',
  path,
  body,
  status,
  expected,
];
export const remove = (path: string, status: number): Exchange => ['DELETE', path, undefined, status];
export const patchUser = (id: string, operation: object, status: number, expected?: ExpectedBody): Exchange => [
  'PATCH',
  `/Users/${id}`,
  patchOf(operation),
  status,
  expected,
];
export const patchGroup = (status: number, expected: ExpectedBody | undefined, ...operations: object[]): Exchange => [
  'PATCH',
  '/Groups/g1',
  patchOf(...operations),
  status,
  expected,
];
export const findUser = (attribute: string, value: string, status: number, expected?: ExpectedBody): Exchange =>
  get(`/Users?filter=${encodeURIComponent(`${attribute} eq "${value}"`)}`, status, expected);

export const titleEdit = { op: 'replace', path: 'title', value: 'Boss' };
export const reactivation = { op: 'replace', path: 'active', value: true };
export const deactivation = { op: 'replace', path: 'active', value: false };
export const addMembers = (...ids: string[]): object => ({
  op: 'add',
  path: 'members',
  value: ids.map((value) => ({ value })),
});
export const removeMember = (id: string): object => ({ op: 'remove', path: `members[value eq "${id}"]` });
export const members = (...ids: string[]): object => ({ members: ids.map((value) => ({ value })) });

/** Sends the requests in sequence. Rejects at the first unexpected response. */
export async function runExchanges(call: Call, exchanges: readonly Exchange[]): Promise<void> {
  for (const [method, path, body, status, expected, headers] of exchanges) {
    const response = await call(method, path, body, headers);
    const { detail } = response.body ?? {};
    expect({ method, path, body, status: response.status, detail }).toEqual({ method, path, body, status, detail });
    if (typeof expected === 'string') expect(response.body.scimType).toBe(expected);
    else if (expected instanceof RegExp) expect(response.body).toMatch(expected);
    else if (typeof expected === 'function') expected(response);
    else if (expected !== undefined) expect(pickExpected(response.body, expected)).toEqual(expected);
  }
}
