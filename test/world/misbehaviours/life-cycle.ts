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

/** Identity and life cycle of users. */
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
    title: 'an id that changes: the user is matched again',
    verify: (history) => {
      expectConverged(history);
      expect(accountsOf(history, 'renamed@corp.example')).toBe(1);
    },
  },
  {
    number: 48,
    title: '404 for an inactive user: not created again',
    profileChanges: { protocol: { inactiveUsers: 'notFound', reactivation: 'put' } },
    verify: (history) => {
      expectInSync(history);
      expect(countRequests(passAt(history, 2).log, 'POST', /^\/Users$/)).toBe(1);
    },
  },
  {
    number: 49,
    title: 'an inactive user is anonymised: still the same account',
    profileChanges: { protocol: { inactiveUsers: 'anonymised' } },
    verify: expectInSync,
  },
  {
    number: 50,
    title: 'DELETE is final: nothing is deleted without configuration',
    verify: (history) => {
      expectInSync(history);
      expect(countRequests(allRequests(history), 'DELETE', /^\/Users\//)).toBe(0);
    },
  },
  {
    number: 51,
    title: 'DELETE deactivates: sent once, and reactivated for a returning user',
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
    title: 'deactivation deletes an invited user: created again for a returning user',
    verify: expectConverged,
  },
  {
    number: 53,
    title: 'reactivation by PATCH is refused: sent as PUT',
    profileChanges: { protocol: { reactivation: 'put' } },
    verify: expectInSync,
  },
  {
    number: 54,
    title: 'updates of an inactive user are refused: reactivated first',
    profileChanges: { protocol: { inactiveUsersWritable: false } },
    verify: expectInSync,
  },
  {
    number: 55,
    title: 'a create of an inactive user is refused: none is sent',
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).filter((body) => body.includes('"active":false') && body.includes('"userName"'))).toEqual(
        [],
      );
    },
  },
  {
    number: 56,
    title: 'a create returns an existing user: adopted',
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectInSync(history);
      expect(accountsOf(history, 'p4@corp.example')).toBe(1);
    },
  },
  {
    number: 57,
    title: '409 for a user that no filter finds: reported once in a pass',
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
    title: 'a conflict is reported as 429 or 400: recognised by its message, and adopted',
    profileChanges: { protocol: { conflictStatuses: [409, 429, 400], conflictMessages: ['already exists'] } },
    seed: { users: [existingUser(4)] },
    verify: (history) => {
      expectInSync(history);
      expect(accountsOf(history, 'p4@corp.example')).toBe(1);
    },
  },
  {
    number: 59,
    title: 'a user with a refused update is hidden and removed from groups: memberships are sent again',
    profileChanges: { protocol: { verifyWrites: 'members' } },
    verify: (history) => {
      expectConverged(history);
      expectAccess(history, 3);
    },
  },
  { number: 60, title: 'a group does not accept a new user at first: sent again', verify: expectConverged },
  {
    number: 61,
    title: 'some users are invisible: not created twice',
    seed: { users: [existingUser(4, { roles: [{ value: 'owner' }] })] },
    verify: (history) => {
      expect(accountsOf(history, 'p4@corp.example')).toBe(1);
      expect(countRequests(passAt(history, 1).log, 'POST', /^\/Users$/)).toBeLessThanOrEqual(1);
      expect(failures(history, 0)).toHaveLength(1);
    },
  },
];
