import { expect } from '@jest/globals';
import {
  allRequests,
  bodies,
  count,
  inStep,
  legAt,
  othersAreMembers,
  settles,
  transferredName,
  writes,
  type Case,
} from './case.ts';

/** What shows only where there are many people and a large group. They end as `test/e2e/misbehaviours.test.ts` says of a large group. */
export const many: readonly Omit<Case, 'end'>[] = [
  {
    number: 64,
    title: 'members are not shown, or only the first hundred: what we know ourselves counts',
    words: { speaks: { readsMembers: false } },
  },
  {
    number: 65,
    title: 'PATCH of a large group loses members: it is written whole',
    words: { allows: { patchedGroupMembers: 100 } },
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
    words: { speaks: { readBack: 'members' } },
    forgotten: 'transferred',
    end: (voyage) => {
      othersAreMembers(voyage, 2, transferredName(voyage));
      expect(
        legAt(voyage, 2)
          .operations.map(({ detail }) => String(detail))
          .join(),
      ).toContain('left out');
      // Not taken for a member: said again by the next pass.
      expect(writes(legAt(voyage, 3).log).length).toBeGreaterThan(0);
    },
  },
  {
    number: 63,
    title: 'one bad member fails the whole request: the others get in',
    forgotten: 'transferred',
    end: (voyage) => {
      othersAreMembers(voyage, 2, transferredName(voyage));
      expect(legAt(voyage, 2).log.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
    },
  },
  {
    number: 66,
    title: 'members cannot be replaced or removed all at once: they are added and removed one by one',
    end: (voyage) => {
      inStep(voyage);
      expect(
        bodies(voyage).filter(
          (body) =>
            body.includes('"op":"replace","path":"members"') || body.includes('"op":"remove","path":"members"}'),
        ),
      ).toEqual([]);
    },
  },
  { number: 68, title: 'a member that is there already gives 409 or 500: it is there', end: settles },
  {
    number: 69,
    title: 'a group with members is not made, or made without: groups are made empty',
    end: (voyage) => {
      inStep(voyage);
      const posts = allRequests(voyage).filter(({ method, path }) => method === 'POST' && path === '/Groups');
      expect(posts).toHaveLength(3);
      expect(posts.filter(({ body }) => JSON.stringify(body).includes('members'))).toEqual([]);
    },
  },
  {
    number: 70,
    title: 'a group cannot be renamed: it keeps its name, and nothing is tried for ever',
    words: { holds: { groupNames: 'stay' } },
    end: (voyage) => {
      for (const stage of [3, 5, 6]) expect(legAt(voyage, stage).log).toEqual([]);
      expect(
        legAt(voyage, 6)
          .groups.map(({ displayName }) => displayName)
          .sort(),
      ).toEqual(['Team 1', 'Team 2', 'Team 3']);
    },
  },
  {
    number: 71,
    title: 'all members with every change are too much: only what changed is said',
    end: (voyage) => {
      inStep(voyage);
      const before = legAt(voyage, 2);
      const said = writes(before.log)
        .filter(({ path }) => path.startsWith('/Groups/'))
        .map(({ body }) => (JSON.stringify(body).match(/"value":"/g) ?? []).length);
      expect(Math.max(...said)).toBeLessThanOrEqual(3);
      expect(count(before.log, 'PUT', /./)).toBe(0);
    },
  },
];
