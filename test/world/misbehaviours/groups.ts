import { expect } from '@jest/globals';
import { allRequests, bodies, count, inStep, legAt, settles, writes, type Case } from './case.ts';

/** Groups. */
export const groups: readonly Case[] = [
  { number: 62, title: 'members that are not known are dropped in silence: the answer is compared', words: { speaks: { readBack: 'members' } }, end: inStep },
  { number: 63, title: 'one bad member fails the whole request: the others get in', end: inStep },
  { number: 64, title: 'members are never shown, or only some: what we know ourselves counts', words: { speaks: { readsMembers: false } }, end: inStep },
  { number: 65, title: 'PATCH of a large group loses members: it is written whole', words: { speaks: { update: 'auto' }, allows: { patchedGroupMembers: 3 } }, end: inStep },
  {
    number: 66, title: 'members cannot be replaced or removed all at once: they are added and removed one by one',
    end: (voyage) => {
      inStep(voyage);
      expect(bodies(voyage).filter((body) => body.includes('"op":"replace","path":"members"') || body.includes('"op":"remove","path":"members"}'))).toEqual([]);
    },
  },
  { number: 67, title: 'only so many members in one request, and 413 for more: smaller requests', end: inStep },
  { number: 68, title: 'a member that is there already gives 409 or 500: it is there', end: settles },
  {
    number: 69, title: 'a group with members is not made, or made without: groups are made empty',
    end: (voyage) => {
      inStep(voyage);
      const posts = allRequests(voyage).filter(({ method, path }) => method === 'POST' && path === '/Groups');
      expect(posts).toHaveLength(3);
      expect(posts.filter(({ body }) => JSON.stringify(body).includes('members'))).toEqual([]);
    },
  },
  {
    number: 70, title: 'a group cannot be renamed: it keeps its name, and nothing is tried for ever',
    words: { holds: { groupNames: 'stay' } },
    end: (voyage) => {
      for (const stage of [3, 5, 6]) expect(legAt(voyage, stage).log).toEqual([]);
      expect(legAt(voyage, 6).groups.map(({ displayName }) => displayName).sort()).toEqual(['Team 1', 'Team 2', 'Team 3']);
    },
  },
  {
    number: 71, title: 'all members with every change are too much: only what changed is said',
    end: (voyage) => {
      inStep(voyage);
      const before = legAt(voyage, 2);
      const said = writes(before.log).filter(({ path }) => path.startsWith('/Groups/')).map(({ body }) => (JSON.stringify(body).match(/"value":"/g) ?? []).length);
      expect(Math.max(...said)).toBeLessThanOrEqual(3);
      expect(count(before.log, 'PUT', /./)).toBe(0);
    },
  },
];
