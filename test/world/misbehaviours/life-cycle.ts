import { expect } from '@jest/globals';
import {
  allRequests,
  bodies,
  complaints,
  count,
  failures,
  hasAccess,
  inStep,
  isSilent,
  known,
  legAt,
  settles,
  type Case,
  type Voyage,
} from './case.ts';
import { pauses } from '../life.ts';

const accountsOf = (voyage: Voyage, userName: string): number =>
  legAt(voyage, 6).users.filter((user) => String(user['userName']).toLowerCase() === userName).length;

/** Identity and life cycle. */
export const lifeCycle: readonly Case[] = [
  {
    number: 46,
    title: 'ids with reserved characters: percent-encoded in paths',
    end: (voyage) => {
      inStep(voyage);
      expect(allRequests(voyage).filter(({ path }) => path.includes('%7C')).length).toBeGreaterThan(0);
    },
  },
  {
    number: 47,
    title: 'an id that changes: the person is found again',
    end: (voyage) => {
      settles(voyage);
      expect(accountsOf(voyage, 'renamed@corp.example')).toBe(1);
    },
  },
  {
    number: 48,
    title: '404 for an account that is closed: it is not made again',
    words: { speaks: { inactiveUsers: 'missing', reactivation: 'put' } },
    end: (voyage) => {
      inStep(voyage);
      expect(count(legAt(voyage, 2).log, 'POST', /^\/Users$/)).toBe(1);
    },
  },
  {
    number: 49,
    title: 'a closed account is shown under made-up names: it stays whose it is',
    words: { speaks: { inactiveUsers: 'obscured' } },
    end: inStep,
  },
  {
    number: 50,
    title: 'DELETE cannot be undone: nothing is deleted unless that is asked for',
    end: (voyage) => {
      inStep(voyage);
      expect(count(allRequests(voyage), 'DELETE', /^\/Users\//)).toBe(0);
    },
  },
  {
    number: 51,
    title: 'DELETE only closes the account: it is deleted once, and opened when the person comes back',
    words: { speaks: { deletion: 'deactivates' } },
    settings: () => ({ leavers: { action: 'delete' } }),
    end: (voyage) => {
      settles(voyage);
      isSilent(voyage, pauses);
      expect(count(legAt(voyage, 2).log, 'DELETE', /^\/Users\//)).toBe(1);
    },
  },
  {
    number: 52,
    title: 'closing the account of somebody who was only invited deletes it: made again when the person comes back',
    end: settles,
  },
  {
    number: 53,
    title: 'opening by PATCH is refused: opened by PUT',
    words: { speaks: { reactivation: 'put' } },
    end: inStep,
  },
  {
    number: 54,
    title: 'a closed account cannot be changed: opened first',
    words: { speaks: { inactiveChanges: false } },
    end: inStep,
  },
  {
    number: 55,
    title: 'a create of a closed account is refused by a bare 400: none is made',
    end: (voyage) => {
      inStep(voyage);
      expect(bodies(voyage).filter((body) => body.includes('"active":false') && body.includes('"userName"'))).toEqual(
        [],
      );
    },
  },
  {
    number: 56,
    title: 'a create is answered with an account that was there before: adopted',
    seed: { users: [known(4)] },
    end: (voyage) => {
      inStep(voyage);
      expect(accountsOf(voyage, 'p4@corp.example')).toBe(1);
    },
  },
  {
    number: 57,
    title: '409 for an account that no lookup can see: reported, once in a pass',
    seed: { users: [known(4)] },
    end: (voyage) => {
      for (const stage of [0, 1]) {
        expect(complaints(voyage, stage).join()).toContain('no lookup can see it');
        expect(failures(voyage, stage)).toHaveLength(1);
      }
      expect(count(legAt(voyage, 1).log, 'POST', /^\/Users$/)).toBe(1);
    },
  },
  {
    number: 58,
    title: 'a conflict is said by 429 or 400: known by its words, and adopted',
    words: { speaks: { conflictStatuses: [409, 429, 400], conflictWords: ['already exists'] } },
    seed: { users: [known(4)] },
    end: (voyage) => {
      inStep(voyage);
      expect(accountsOf(voyage, 'p4@corp.example')).toBe(1);
    },
  },
  {
    number: 59,
    title: 'whoever is refused is kept hidden and out of groups until repaired: the memberships are said again then',
    words: { speaks: { readBack: 'members' } },
    end: (voyage) => {
      settles(voyage);
      hasAccess(voyage, 3);
    },
  },
  { number: 60, title: 'a group does not know a person who was just made: asked again', end: settles },
  {
    number: 61,
    title: 'some accounts are invisible: not made a second time',
    seed: { users: [known(4, { roles: [{ value: 'owner' }] })] },
    end: (voyage) => {
      expect(accountsOf(voyage, 'p4@corp.example')).toBe(1);
      expect(count(legAt(voyage, 1).log, 'POST', /^\/Users$/)).toBeLessThanOrEqual(1);
      expect(failures(voyage, 0)).toHaveLength(1);
    },
  },
];
