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

/**
 * What shows only where there are many people and a large group. They end as `test/e2e/targets/misbehaviours.test.ts`
 * says of a large group.
 */
export const many: readonly Omit<Case, 'verify'>[] = [
  {
    number: 64,
    title: 'members are not shown, or only the first hundred: what we know ourselves counts',
    profileChanges: { protocol: { returnsMembers: false } },
  },
  {
    number: 65,
    title: 'PATCH of a large group loses members: it is written whole',
    profileChanges: { limits: { maxPatchableGroupSize: 100 } },
  },
  { number: 67, title: 'only so many members in one request, and 413 for more: smaller requests' },
  {
    number: 82,
    title: 'a token that expires in the middle: renewed, and gone on',
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
    title: 'members that are not known are dropped in silence: the group is read again, and it is said',
    profileChanges: { protocol: { verifyWrites: 'members' } },
    deletedOutOfBand: 'transferred',
    verify: (history) => {
      expectOtherMembers(history, 2, transferredName(history));
      expect(
        passAt(history, 2)
          .operations.map(({ detail }) => String(detail))
          .join(),
      ).toContain('left out');
      // Not taken for a member: said again by the next pass.
      expect(writes(passAt(history, 3).log).length).toBeGreaterThan(0);
    },
  },
  {
    number: 63,
    title: 'one bad member fails the whole request: the others get in',
    deletedOutOfBand: 'transferred',
    verify: (history) => {
      expectOtherMembers(history, 2, transferredName(history));
      expect(passAt(history, 2).log.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
    },
  },
  {
    number: 66,
    title: 'members cannot be replaced or removed all at once: they are added and removed one by one',
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
  { number: 68, title: 'a member that is there already gives 409 or 500: it is there', verify: expectConverged },
  {
    number: 69,
    title: 'a group with members is not made, or made without: groups are made empty',
    verify: (history) => {
      expectInSync(history);
      const posts = allRequests(history).filter(({ method, path }) => method === 'POST' && path === '/Groups');
      expect(posts).toHaveLength(3);
      expect(posts.filter(({ body }) => JSON.stringify(body).includes('members'))).toEqual([]);
    },
  },
  {
    number: 70,
    title: 'a group cannot be renamed: it keeps its name, and nothing is tried for ever',
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
    title: 'all members with every change are too much: only what changed is said',
    verify: (history) => {
      expectInSync(history);
      const before = passAt(history, 2);
      const memberCounts = writes(before.log)
        .filter(({ path }) => path.startsWith('/Groups/'))
        .map(({ body }) => (JSON.stringify(body).match(/"value":"/g) ?? []).length);
      expect(Math.max(...memberCounts)).toBeLessThanOrEqual(3);
      expect(countRequests(before.log, 'PUT', /./)).toBe(0);
    },
  },
];
