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

/** The account that was there is ours now: changed where it stands, and not made a second time. */
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
    title: 'a filter that is ignored: everybody is answered, and nobody of them is linked',
    seed: { users: [...unrelatedUsers(120), existingUser(4)] },
    verify: (history) => {
      expectUnrelatedUntouched(history);
      expect(failureDetails(history, 0).join()).toContain('ignores the filter');
      expect(failures(history, 0)).toHaveLength(1);
      // Asked for once in a pass, and not made a second time.
      expect(countRequests(passAt(history, 0).log, 'POST', /^\/Users$/)).toBe(9);
      expect(passAt(history, 6).users.filter(({ userName }) => userName === 'p4@corp.example')).toHaveLength(1);
    },
  },
  {
    number: 2,
    title: 'a filter of groups that is ignored: no other group is linked',
    seed: {
      groups: [
        ...Array.from({ length: 120 }, (_, at) => ({ id: `unrelated-${at}`, displayName: `Elsewhere ${at}` })),
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
    title: 'a filter on an attribute that it does not know finds nobody: the next attribute is asked',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 4,
    title: 'a filter that compares with userName whatever is named: the answer is looked at again',
    // Somebody else is called what the key of a person is.
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
    title: 'only the exact spelling of a filter is understood: it is ours',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 6,
    title: '404 where a filter finds nobody: nobody is there',
    // The first create is lost on its way, so that it is looked up before it is sent again.
    options: { faults: [{ do: 'dropBefore', match: { method: 'POST', path: '^/Users$' }, times: 1 }] },
    verify: (history) => {
      expectInSync(history);
      expect(
        passAt(history, 0).log.filter(({ method, status }) => method === 'GET' && status === 404).length,
      ).toBeGreaterThan(0);
    },
  },
  {
    number: 7,
    title: 'the same person twice in one list, e-mail addresses as plain texts: one person',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 8,
    title: 'userName comes back in lower case: the same name',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
  {
    number: 9,
    title: 'blanks around the equals sign of a query, or "+" for a blank, are refused: they are not sent',
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectAdopted(4)(history);
      expect(allRequests(history).filter(({ query }) => /[ +]/.test(query))).toEqual([]);
    },
  },
  {
    number: 10,
    title: 'an unfiltered list shows one made-up person: she is left alone, and nobody is thought missing',
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
    title: 'a filter may not be long: one comparison is asked for at a time',
    seed: { users: [existingUser(4)] },
    verify: expectAdopted(4),
  },
];
