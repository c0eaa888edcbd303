import { expect } from '@jest/globals';
import {
  allRequests,
  failureDetails,
  countRequests,
  expectInSync,
  expectNoRequests,
  existingUser,
  passAt,
  expectConverged,
  type Case,
} from './case.ts';
import { unsuccessfulOperations } from '../lifecycle.ts';

/** Transport, credentials, limits and discovery. */
export const transport: readonly Case[] = [
  {
    number: 72,
    title: '200 and {} for every request: no success, no user counts as created',
    verify: (history) => {
      for (const stage of [0, 1])
        expect(
          passAt(history, stage).operations.filter(({ outcome }) => outcome === 'done' || outcome === 'adopted'),
        ).toEqual([]);
      expect(passAt(history, 1).summary).toMatchObject({ succeeded: 0 });
    },
  },
  {
    number: 73,
    title: '401 for one resource: the other operations succeed',
    deletedOutOfBand: 'mover',
    verify: (history) => {
      const { persons } = history.life;
      expect([
        ...new Set(
          unsuccessfulOperations(passAt(history, 2))
            .filter(({ resource }) => resource === 'User')
            .map(({ key }) => key),
        ),
      ]).toEqual([persons.mover]);
      expect(passAt(history, 2).operations.filter(({ outcome }) => outcome === 'done').length).toBeGreaterThan(4);
    },
  },
  {
    number: 74,
    title: '403 because the token lacks a scope: the report names the operation',
    verify: (history) =>
      expect(failureDetails(history, 2).concat(failureDetails(history, 4)).join()).toMatch(
        /do not allow it to (create|change|deactivate|reactivate|delete|change the members of) a (user|group)/,
      ),
  },
  { number: 75, title: '429 with seconds, a date, or no header: retried', verify: expectInSync },
  { number: 76, title: 'limits that depend on the request size: retried', verify: expectInSync },
  {
    number: 77,
    title: '413, 502 and HTML pages: no success, and no delay for other users',
    settings: () => ({
      mapping: {
        user: { 'emails[type eq "work"].value': 'user.email', title: "user.id == 'e00004' ? '<b>' : user.title" },
        group: { displayName: 'group.displayName' },
      },
    }),
    verify: (history) => {
      expect(passAt(history, 0).log.filter(({ status }) => status === 502).length).toBeGreaterThan(0);
      // A gateway answered: whether the create took effect is not known, so this pass does not send it again.
      expect(
        passAt(history, 0)
          .operations.filter(({ resource, action, outcome }) => {
            return resource === 'User' && action === 'create' && outcome !== 'done';
          })
          .map(({ key, outcome }) => ({ key, outcome })),
      ).toEqual([{ key: 'e00004', outcome: 'unknown' }]);
      expect(countRequests(passAt(history, 0).log, 'POST', /^\/Users$/)).toBe(9);
    },
  },
  {
    number: 78,
    title: 'a missing User-Agent, another case in a path, a duplicate Bearer are refused: not sent',
    verify: expectInSync,
  },
  {
    number: 79,
    title: 'ServiceProviderConfig is missing or invalid: the profile decides',
    verify: (history) => {
      expectInSync(history);
      expect(countRequests(allRequests(history), 'PATCH', /./)).toBeGreaterThan(0);
    },
  },
  {
    number: 80,
    title: 'any Content-Type: the body is parsed as JSON',
    seed: { users: [existingUser(4)] },
    verify: expectInSync,
  },
  {
    number: 81,
    title: 'errors in another envelope: the detail is found',
    otherMisbehaviours: [42],
    settings: () => ({
      mapping: {
        user: { 'emails[type eq "work"].value': 'user.email', timezone: "'Europe/Berlin'" },
        group: { displayName: 'group.displayName' },
      },
    }),
    verify: (history) => expect(failureDetails(history, 0).join()).toContain('Errors reported by remote server'),
  },
  {
    number: 83,
    title: 'URLs with another host in responses: never followed',
    verify: (history) => {
      expectInSync(history);
      expect(
        allRequests(history).filter(({ path }) => !/^\/(Users|Groups|ServiceProviderConfig)(\/[^/]+)?$/.test(path)),
      ).toEqual([]);
    },
  },
  {
    number: 84,
    title: 'writes are visible late: no user is created twice',
    verify: (history) => {
      expectConverged(history);
      const names = passAt(history, 6).users.map(({ userName }) => userName);
      expect(new Set(names).size).toBe(names.length);
    },
  },
  {
    number: 85,
    title: 'discovery announces unsupported features: the profile decides',
    profileChanges: { protocol: { bulk: 'never' } },
    verify: (history) => {
      expectInSync(history);
      expectNoRequests(history, [1, 3]);
    },
  },
];
