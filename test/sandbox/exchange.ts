import { expect } from '@jest/globals';
import { asNamed, patchOf, type Call, type Reply } from './rehearsal.ts';

/** Who is there before each exchange: two people, one whose account is closed, and a group of the first. */
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

/** What an answer holds: an object whose undefined members are not there, a scimType, a text of another type, or whatever a function finds. */
export type Holds = object | string | RegExp | ((reply: Reply) => void);

/** A request, the status that is expected, and what the answer holds. */
export type Exchange = readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  holds?: Holds | undefined,
  headers?: Record<string, string>,
];

export const get = (path: string, status: number, holds?: Holds): Exchange => ['GET', path, undefined, status, holds];
export const post = (path: string, body: object, status: number, holds?: Holds): Exchange => [
  'POST',
  path,
  body,
  status,
  holds,
];
export const put = (path: string, body: object, status: number, holds?: Holds): Exchange => [
  'PUT',
  path,
  body,
  status,
  holds,
];
export const remove = (path: string, status: number): Exchange => ['DELETE', path, undefined, status];
export const patchUser = (id: string, operation: object, status: number, holds?: Holds): Exchange => [
  'PATCH',
  `/Users/${id}`,
  patchOf(operation),
  status,
  holds,
];
export const patchGroup = (status: number, holds: Holds | undefined, ...operations: object[]): Exchange => [
  'PATCH',
  '/Groups/g1',
  patchOf(...operations),
  status,
  holds,
];
export const find = (attribute: string, value: string, status: number, holds?: Holds): Exchange =>
  get(`/Users?filter=${encodeURIComponent(`${attribute} eq "${value}"`)}`, status, holds);

export const title = { op: 'replace', path: 'title', value: 'Boss' };
export const reopen = { op: 'replace', path: 'active', value: true };
export const close = { op: 'replace', path: 'active', value: false };
export const adds = (...ids: string[]): object => ({
  op: 'add',
  path: 'members',
  value: ids.map((value) => ({ value })),
});
export const removes = (id: string): object => ({ op: 'remove', path: `members[value eq "${id}"]` });
export const members = (...ids: string[]): object => ({ members: ids.map((value) => ({ value })) });

/** Makes the requests one after the other. Rejects at the first answer that is not as expected. */
export async function talk(call: Call, exchanges: readonly Exchange[]): Promise<void> {
  for (const [method, path, body, status, expected, headers] of exchanges) {
    const reply = await call(method, path, body, headers);
    const { detail } = reply.body ?? {};
    expect({ method, path, body, status: reply.status, detail }).toEqual({ method, path, body, status, detail });
    if (typeof expected === 'string') expect(reply.body.scimType).toBe(expected);
    else if (expected instanceof RegExp) expect(reply.body).toMatch(expected);
    else if (typeof expected === 'function') expected(reply);
    else if (expected !== undefined) expect(asNamed(reply.body, expected)).toEqual(expected);
  }
}
