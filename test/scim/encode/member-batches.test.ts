import { expect, test } from '@jest/globals';
import {
  patchLimits,
  toBatches,
  plannedLimits,
  type MembershipChange,
} from '../../../src/scim/encode/member-batches.ts';
import { profileWith, type ProfileOverrides } from '../../world/profile.ts';
import { person } from '../fixtures.ts';

const gone = (keys: string): readonly MembershipChange[] =>
  [...keys].map((key) => ({ member: person(key), isRemoval: true }));
const come = (keys: string): readonly MembershipChange[] =>
  [...keys].map((key) => ({ member: person(key), isRemoval: false }));
const all = [...gone('abc'), ...come('defgh')];

test.each<[string, ProfileOverrides, { maxChanges?: number; maxBytes?: number }, string]>([
  ['all at once', {}, {}, '-a-b-c+d+e+f+g+h'],
  ['by count', { limits: { membersPerRequest: 4 } }, {}, '-a-b-c+d +e+f+g+h'],
  ['one member a request', { limits: { membersPerRequest: 1 } }, {}, '-a -b -c +d +e +f +g +h'],
  ['fewer removals', { limits: { removalsPerRequest: 2 } }, {}, '-a-b -c+d+e+f+g+h'],
  [
    'removals for themselves',
    { limits: { removalsPerRequest: 1, addAndRemoveTogether: false } },
    {},
    '-a -b -c +d+e+f+g+h',
  ],
  ['two operations in a PATCH', { limits: { operationsPerPatch: 2 } }, {}, '-a-b -c+d+e+f+g+h'],
  ['three operations in a PATCH', { limits: { operationsPerPatch: 3 } }, {}, '-a-b-c +d+e+f+g+h'],
  ['one operation in a PATCH', { limits: { operationsPerPatch: 1 } }, {}, '-a -b -c +d+e+f+g+h'],
  [
    'removals in a list are one operation',
    { protocol: { removeMembers: 'list' }, limits: { operationsPerPatch: 1 } },
    {},
    '-a-b-c +d+e+f+g+h',
  ],
  ['as the target has taught', {}, { maxChanges: 3 }, '-a-b-c +d+e+f +g+h'],
  ['by bytes', {}, { maxBytes: 60 }, '-a-b-c +d+e+f+g+h'],
  ['one is too large alone', {}, { maxBytes: 5 }, '-a -b -c +d +e +f +g +h'],
])('%s', (_, changes, { maxChanges = Number.POSITIVE_INFINITY, maxBytes = 1000 }, expected) => {
  const result = toBatches(all, patchLimits(profileWith(changes)), {
    maxChanges,
    maxBytes,
    bytesOf: ({ isRemoval }) => (isRemoval ? 20 : 12),
  });
  expect(
    result
      .map((part) => part.map(({ member, isRemoval }) => `${isRemoval ? '-' : '+'}${member.key}`).join(''))
      .join(' '),
  ).toBe(expected);
});

const few = { membersPerRequest: 3 };

test.each<[string, ProfileOverrides, { readonly patch?: boolean } | undefined, number]>([
  ['a PATCH', { limits: few }, undefined, 3],
  ['a group that is written whole', { protocol: { updateGroups: 'put' }, limits: few }, undefined, 10_000],
  ['one that is read and written back', { protocol: { update: 'getThenPut' }, limits: few }, undefined, 10_000],
  ['a target that says that it takes no PATCH', { limits: few }, { patch: false }, 10_000],
  ['one that takes it whatever it says', { protocol: { update: 'patch' }, limits: few }, { patch: false }, 3],
  ['one of which PATCH is not known', { limits: few }, {}, 3],
  ['a group that may be too large for PATCH', { limits: { ...few, maxPatchableGroupSize: 100 } }, undefined, 10_000],
  [
    'a group that would be too large and takes no PUT',
    { protocol: { updateGroups: 'patch' }, limits: { ...few, maxPatchableGroupSize: 100 } },
    undefined,
    3,
  ],
])('so many memberships are planned together for %s', (_, changes, discovery, expected) => {
  const { additions, removals, additionsBeside } = plannedLimits(profileWith(changes), discovery);
  expect([additions, removals, additionsBeside(1)]).toEqual([expected, expected, expected - 1]);
});

test('nothing is no request', () => {
  expect(toBatches([], patchLimits(profileWith({})), { maxChanges: 9, maxBytes: 9, bytesOf: () => 1 })).toEqual([]);
});
