import { expect, test } from '@jest/globals';
import { parcelLimits, parcels, plannedLimits, type Membership } from '../../src/scim/parcels.ts';
import { profileWith, type Changes } from '../world/profile.ts';
import { person } from './setting.ts';

const gone = (keys: string): readonly Membership[] =>
  [...keys].map((key) => ({ member: person(key), isRemoval: true }));
const come = (keys: string): readonly Membership[] =>
  [...keys].map((key) => ({ member: person(key), isRemoval: false }));
const all = [...gone('abc'), ...come('defgh')];

test.each<[string, Changes, { most?: number; bytes?: number }, string]>([
  ['all at once', {}, {}, '-a-b-c+d+e+f+g+h'],
  ['by count', { allows: { membersPerRequest: 4 } }, {}, '-a-b-c+d +e+f+g+h'],
  ['one member a request', { allows: { membersPerRequest: 1 } }, {}, '-a -b -c +d +e +f +g +h'],
  ['fewer removals', { allows: { removalsPerRequest: 2 } }, {}, '-a-b -c+d+e+f+g+h'],
  ['removals for themselves', { allows: { removalsPerRequest: 1, mixesMembers: false } }, {}, '-a -b -c +d+e+f+g+h'],
  ['two operations in a PATCH', { allows: { operationsPerPatch: 2 } }, {}, '-a-b -c+d+e+f+g+h'],
  ['three operations in a PATCH', { allows: { operationsPerPatch: 3 } }, {}, '-a-b-c +d+e+f+g+h'],
  ['one operation in a PATCH', { allows: { operationsPerPatch: 1 } }, {}, '-a -b -c +d+e+f+g+h'],
  [
    'removals in a list are one operation',
    { speaks: { removeMembers: 'list' }, allows: { operationsPerPatch: 1 } },
    {},
    '-a-b-c +d+e+f+g+h',
  ],
  ['as the target has taught', {}, { most: 3 }, '-a-b-c +d+e+f +g+h'],
  ['by bytes', {}, { bytes: 60 }, '-a-b-c +d+e+f+g+h'],
  ['one is too large alone', {}, { bytes: 5 }, '-a -b -c +d +e +f +g +h'],
])('%s', (_, changes, { most = Number.POSITIVE_INFINITY, bytes = 1000 }, expected) => {
  const result = parcels(all, parcelLimits(profileWith(changes)), {
    most,
    bytes,
    bytesOf: ({ isRemoval }) => (isRemoval ? 20 : 12),
  });
  expect(
    result
      .map((part) => part.map(({ member, isRemoval }) => `${isRemoval ? '-' : '+'}${member.key}`).join(''))
      .join(' '),
  ).toBe(expected);
});

const few = { membersPerRequest: 3 };

test.each<[string, Changes, { readonly patch?: boolean } | undefined, number]>([
  ['a PATCH', { allows: few }, undefined, 3],
  ['a group that is written whole', { speaks: { updateGroups: 'put' }, allows: few }, undefined, 10_000],
  ['one that is read and written back', { speaks: { update: 'getThenPut' }, allows: few }, undefined, 10_000],
  ['a target that says that it takes no PATCH', { allows: few }, { patch: false }, 10_000],
  ['one that takes it whatever it says', { speaks: { update: 'patch' }, allows: few }, { patch: false }, 3],
  ['one of which PATCH is not known', { allows: few }, {}, 3],
  ['a group that may be too large for PATCH', { allows: { ...few, patchedGroupMembers: 100 } }, undefined, 10_000],
  [
    'a group that would be too large and takes no PUT',
    { speaks: { updateGroups: 'patch' }, allows: { ...few, patchedGroupMembers: 100 } },
    undefined,
    3,
  ],
])('so many memberships are planned together for %s', (_, changes, discovery, most) => {
  const { additions, removals, beside } = plannedLimits(profileWith(changes), discovery);
  expect([additions, removals, beside(1)]).toEqual([most, most, most - 1]);
});

test('nothing is no request', () => {
  expect(parcels([], parcelLimits(profileWith({})), { most: 9, bytes: 9, bytesOf: () => 1 })).toEqual([]);
});
