import { expect } from '@jest/globals';
import {
  allRequests,
  failureDetails,
  countRequests,
  failures,
  expectInSync,
  existingUser,
  passAt,
  unrelatedUsers,
  expectUnrelatedUntouched,
  writes,
  type Case,
  type History,
} from './case.ts';
import { requestLines } from '../lifecycle.ts';

/** The existing account is adopted and updated, and no second one is created. */
const expectAdopted =
  (number: number) =>
  (history: History): void => {
    expectInSync(history);
    expect(
      passAt(history, 0)
        .operations.filter(({ outcome }) => outcome === 'adopted')
        .map(({ key }) => key),
    ).toEqual([`e0000${number}`]);
    expect(passAt(history, 0).users.filter(({ userName }) => userName === `p${number}@corp.example`)).toHaveLength(1);
  };

/** Matching and filters. */
export const matching: readonly Case[] = [
  {
    number: 1,
    title: 'an ignored filter returns all users: no user is linked',
    seed: { users: [...unrelatedUsers(120), existingUser(4)] },
    verify: (history) => {
      expectUnrelatedUntouched(history);
      expect(failureDetails(history, 0).join()).toContain('ignores the filter');
      expect(failures(history, 0)).toHaveLength(1);
      // Each of the nine users is sent once: no smaller create follows a conflict without a look-up that is trusted.
      expect(countRequests(passAt(history, 0).log, 'POST', /^\/Users$/)).toBe(9);
      expect(passAt(history, 6).users.filter(({ userName }) => userName === 'p4@corp.example')).toHaveLength(1);
    },
  },
  {
    number: 2,
    title: 'an ignored filter returns all groups: no group is linked',
    seed: {
      groups: [
        ...Array.from({ length: 120 }, (_, index) => ({
          id: `unrelated-${index}`,
          displayName: `Elsewhere ${index}`,
        })),
        { id: 'known-group', displayName: 'Team 1' },
      ],
    },
    verify: (history) => {
      expectUnrelatedUntouched(history);
      expect(failureDetails(history, 0).join()).toContain('ignores the filter');
      expect(passAt(history, 6).groups.filter(({ displayName }) => displayName === 'Team 1')).toHaveLength(1);
    },
  },
  {
    number: 3,
    title: 'a filter on an unknown attribute finds nothing: the next attribute is tried',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 4,
    title: 'a filter searches userName, whichever attribute it names: returned rows are checked',
    // The userName of an unrelated user equals the key of a user.
    seed: { users: [{ id: 'unrelated-1', userName: 'e00004', active: true }, existingUser(4)] },
    verify: (history) => {
      expectUnrelatedUntouched(history);
      expect(
        passAt(history, 0)
          .operations.filter(({ outcome }) => outcome === 'adopted')
          .map(({ key }) => key),
      ).toEqual(['e00004']);
    },
  },
  {
    number: 5,
    title: 'only one spelling of filters works: scimsync uses it',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 6,
    title: '404 for a filter without match: counts as no match',
    // The first create fails, so that a filter precedes the second one.
    options: { faults: [{ do: 'status', status: 500, match: { method: 'POST', path: '^/Users$' }, times: 1 }] },
    verify: (history) => {
      expectInSync(history);
      expect(
        passAt(history, 0).log.filter(({ method, status }) => method === 'GET' && status === 404).length,
      ).toBeGreaterThan(0);
    },
  },
  {
    number: 7,
    title: 'a duplicate row, and e-mail addresses as plain strings: one user',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 8,
    title: 'userName is returned in lower case: the same name',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 9,
    title: 'spaces around "=" in a query, or "+" for a space, are refused: not sent',
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectAdopted(4)(history);
      expect(allRequests(history).filter(({ query }) => /[ +]/.test(query))).toEqual([]);
    },
  },
  {
    number: 10,
    title: 'a listing without a filter returns one synthetic user: not changed, and no user counts as missing',
    profileChanges: { protocol: { listing: 'unreliable' } },
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectAdopted(4)(history);
      expect(writes(allRequests(history)).filter(({ path }) => path === '/Users/1')).toEqual([]);
      expect(requestLines(passAt(history, 0)).filter((request) => request === 'GET /Users').length).toBe(
        passAt(history, 0).log.filter(({ query }) => query.includes('filter=')).length,
      );
    },
  },
  {
    number: 11,
    title: 'long filters are refused: one comparison per filter',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
];
