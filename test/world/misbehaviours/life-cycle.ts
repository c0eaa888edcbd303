import { expect } from '@jest/globals';
import {
  allRequests,
  bodies,
  failureDetails,
  countRequests,
  failures,
  expectAccess,
  expectInSync,
  expectNoRequests,
  existingUser,
  passAt,
  expectConverged,
  type Case,
  type History,
} from './case.ts';
import { idleStages } from '../lifecycle.ts';

const accountsOf = (history: History, userName: string): number =>
  passAt(history, 6).users.filter((user) => String(user['userName']).toLowerCase() === userName).length;

/** Identity and life cycle. */
export const lifeCycle: readonly Case[] = [
  {
    number: 46,
    title: 'ids with reserved characters: percent-encoded in paths',
    verify: (history) => {
      expectInSync(history);
      expect(allRequests(history).filter(({ path }) => path.includes('%7C')).length).toBeGreaterThan(0);
    },
  },
  {
    number: 47,
    title: 'an id that changes: the person is found again',
    verify: (history) => {
      expectConverged(history);
      expect(accountsOf(history, 'renamed@corp.example')).toBe(1);
    },
  },
  {
    number: 48,
    title: '404 for an account that is closed: it is not made again',
    profileChanges: { protocol: { inactiveUsers: 'notFound', reactivation: 'put' } },
    verify: (history) => {
      expectInSync(history);
      expect(countRequests(passAt(history, 2).log, 'POST', /^\/Users$/)).toBe(1);
    },
  },
  {
    number: 49,
    title: 'a closed account is shown under made-up names: it stays whose it is',
    profileChanges: { protocol: { inactiveUsers: 'anonymised' } },
    verify: expectInSync,
  },
  {
    number: 50,
    title: 'DELETE cannot be undone: nothing is deleted unless that is asked for',
    verify: (history) => {
      expectInSync(history);
      expect(countRequests(allRequests(history), 'DELETE', /^\/Users\//)).toBe(0);
    },
  },
  {
    number: 51,
    title: 'DELETE only closes the account: it is deleted once, and opened when the person comes back',
    profileChanges: { protocol: { deletion: 'deactivates' } },
    settings: () => ({ leavers: { action: 'delete' } }),
    verify: (history) => {
      expectConverged(history);
      expectNoRequests(history, idleStages);
      expect(countRequests(passAt(history, 2).log, 'DELETE', /^\/Users\//)).toBe(1);
    },
  },
  {
    number: 52,
    title: 'closing the account of somebody who was only invited deletes it: made again when the person comes back',
    verify: expectConverged,
  },
  {
    number: 53,
    title: 'opening by PATCH is refused: opened by PUT',
    profileChanges: { protocol: { reactivation: 'put' } },
    verify: expectInSync,
  },
  {
    number: 54,
    title: 'a closed account cannot be changed: opened first',
    profileChanges: { protocol: { inactiveUsersWritable: false } },
    verify: expectInSync,
  },
  {
    number: 55,
    title: 'a create of a closed account is refused by a bare 400: none is made',
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).filter((body) => body.includes('"active":false') && body.includes('"userName"'))).toEqual(
        [],
      );
    },
  },
  {
    number: 56,
    title: 'a create is answered with an account that was there before: adopted',
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectInSync(history);
      expect(accountsOf(history, 'p4@corp.example')).toBe(1);
    },
  },
  {
    number: 57,
    title: '409 for an account that no lookup can see: reported, once in a pass',
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      for (const stage of [0, 1]) {
        expect(failureDetails(history, stage).join()).toContain('no look-up shows it');
        expect(failures(history, stage)).toHaveLength(1);
      }
      expect(countRequests(passAt(history, 1).log, 'POST', /^\/Users$/)).toBe(1);
    },
  },
  {
    number: 58,
    title: 'a conflict is said by 429 or 400: known by its words, and adopted',
    profileChanges: { protocol: { conflictStatuses: [409, 429, 400], conflictMessages: ['already exists'] } },
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectInSync(history);
      expect(accountsOf(history, 'p4@corp.example')).toBe(1);
    },
  },
  {
    number: 59,
    title: 'whoever is refused is kept hidden and out of groups until repaired: the memberships are said again then',
    profileChanges: { protocol: { verifyWrites: 'members' } },
    verify: (history) => {
      expectConverged(history);
      expectAccess(history, 3);
    },
  },
  { number: 60, title: 'a group does not know a person who was just made: asked again', verify: expectConverged },
  {
    number: 61,
    title: 'some accounts are invisible: not made a second time',
    seed: { users: [existingUser(4, { roles: [{ value: 'owner' }] })] },
    verify: (history) => {
      expect(accountsOf(history, 'p4@corp.example')).toBe(1);
      expect(countRequests(passAt(history, 1).log, 'POST', /^\/Users$/)).toBeLessThanOrEqual(1);
      expect(failures(history, 0)).toHaveLength(1);
    },
  },
];
