import { expect } from '@jest/globals';
import {
  allRequests,
  bodies,
  countRequests,
  expectInSync,
  passAt,
  expectOtherMembers,
  expectConverged,
  transferredName,
  writes,
  type Case,
} from './case.ts';

/** Misbehaviours that need a large group; test/e2e/targets/misbehaviours.test.ts holds the assertions. */
export const many: readonly Omit<Case, 'verify'>[] = [
  {
    number: 64,
    title: 'reads return no members, or the first hundred: the snapshot decides',
    profileChanges: { protocol: { returnsMembers: false } },
  },
  {
    number: 65,
    title: 'PATCH of a large group loses members: sent as PUT',
    profileChanges: { limits: { maxPatchableGroupSize: 100 } },
  },
  { number: 67, title: '413 above a number of members: smaller requests' },
  {
    number: 82,
    title: 'a token that expires during a pass: renewed',
    settings: (url) => ({
      auth: {
        type: 'oauth2',
        tokenUrl: `${new URL(url).origin}/oauth2/token`,
        clientId: 'scimsync',
        clientSecret: { env: 'APP_TOKEN' },
      },
    }),
  },
];

/** Groups. */
export const groups: readonly Case[] = [
  {
    number: 62,
    title: 'unknown members are ignored without an error: detected by verification and reported',
    profileChanges: { protocol: { verifyWrites: 'members' } },
    deletedOutOfBand: 'transferred',
    verify: (history) => {
      expectOtherMembers(history, 2, transferredName(history));
      expect(
        passAt(history, 2)
          .operations.map(({ detail }) => String(detail))
          .join(),
      ).toContain('left out');
      // The membership is not in the snapshot, so the next pass sends it again.
      expect(writes(passAt(history, 3).log).length).toBeGreaterThan(0);
    },
  },
  {
    number: 63,
    title: 'one unknown member fails the request: the other members are added',
    deletedOutOfBand: 'transferred',
    verify: (history) => {
      expectOtherMembers(history, 2, transferredName(history));
      expect(passAt(history, 2).log.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
    },
  },
  {
    number: 66,
    title: 'members cannot be replaced or removed together: added and removed individually',
    verify: (history) => {
      expectInSync(history);
      expect(
        bodies(history).filter(
          (body) =>
            body.includes('"op":"replace","path":"members"') || body.includes('"op":"remove","path":"members"}'),
        ),
      ).toEqual([]);
    },
  },
  { number: 68, title: 'add of an existing member returns 409 or 500: counts as done', verify: expectConverged },
  {
    number: 69,
    title: 'a create of a group with members fails or ignores them: groups are created empty',
    verify: (history) => {
      expectInSync(history);
      const posts = allRequests(history).filter(({ method, path }) => method === 'POST' && path === '/Groups');
      expect(posts).toHaveLength(3);
      expect(posts.filter(({ body }) => JSON.stringify(body).includes('members'))).toEqual([]);
    },
  },
  {
    number: 70,
    title: 'a group cannot be renamed: no rename is sent',
    profileChanges: { supports: { groupNameImmutable: true } },
    verify: (history) => {
      for (const stage of [3, 5, 6]) expect(passAt(history, stage).log).toEqual([]);
      expect(
        passAt(history, 6)
          .groups.map(({ displayName }) => displayName)
          .sort(),
      ).toEqual(['Team 1', 'Team 2', 'Team 3']);
    },
  },
  {
    number: 71,
    title: 'requests with all members are too large: only changes are sent',
    verify: (history) => {
      expectInSync(history);
      const pass = passAt(history, 2);
      const memberCounts = writes(pass.log)
        .filter(({ path }) => path.startsWith('/Groups/'))
        .map(({ body }) => (JSON.stringify(body).match(/"value":"/g) ?? []).length);
      expect(Math.max(...memberCounts)).toBeLessThanOrEqual(3);
      expect(countRequests(pass.log, 'PUT', /./)).toBe(0);
    },
  },
];
