import { expect, test } from '@jest/globals';
import { plannedLimits, type DiscoveredPatch } from '../../src/plan/batch-limits.ts';
import { profileWith, type ProfileOverrides } from '../world/profile.ts';

const limits = { membersPerRequest: 3 };

test.each<[string, ProfileOverrides, DiscoveredPatch | undefined, number]>([
  ['PATCH', { limits }, undefined, 3],
  ['PUT', { protocol: { updateGroups: 'put' }, limits }, undefined, 10_000],
  ['GET, then PUT', { protocol: { update: 'getThenPut' }, limits }, undefined, 10_000],
  ['a target that states that it does not support PATCH', { limits }, { patch: false }, 10_000],
  ['PATCH by profile, against discovery', { protocol: { update: 'patch' }, limits }, { patch: false }, 3],
  ['discovery without a statement about PATCH', { limits }, {}, 3],
  ['a group that may be too large for PATCH', { limits: { ...limits, maxPatchableGroupSize: 100 } }, undefined, 10_000],
  [
    'a group that would be too large for PATCH, without PUT',
    { protocol: { updateGroups: 'patch' }, limits: { ...limits, maxPatchableGroupSize: 100 } },
    undefined,
    3,
  ],
])('limits of a planned membership operation: %s', (_, changes, discovery, expected) => {
  const { additions, removals, additionsBeside } = plannedLimits(profileWith(changes), discovery);
  expect([additions, removals, additionsBeside(1)]).toEqual([expected, expected, expected - 1]);
});
