import { expect, test } from '@jest/globals';
import { parcelLimits, parcels, type Membership } from '../../src/scim/parcels.ts';
import { profileWith, type Changes } from '../world/profile.ts';
import { person } from './setting.ts';

const gone = (keys: string): readonly Membership[] => [...keys].map((key) => ({ member: person(key), isRemoval: true }));
const come = (keys: string): readonly Membership[] => [...keys].map((key) => ({ member: person(key), isRemoval: false }));
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
  ['removals in a list are one operation', { speaks: { removeMembers: 'list' }, allows: { operationsPerPatch: 1 } }, {}, '-a-b-c +d+e+f+g+h'],
  ['a group that is written whole', { speaks: { updateGroups: 'put' }, allows: { membersPerRequest: 1, mixesMembers: false } }, {}, '-a-b-c+d+e+f+g+h'],
  ['or read and written back', { speaks: { update: 'getThenPut' }, allows: { membersPerRequest: 1 } }, {}, '-a-b-c+d+e+f+g+h'],
  ['as the target has taught', {}, { most: 3 }, '-a-b-c +d+e+f +g+h'],
  ['by bytes', {}, { bytes: 60 }, '-a-b-c +d+e+f+g+h'],
  ['one is too large alone', {}, { bytes: 5 }, '-a -b -c +d +e +f +g +h'],
])('%s', (_, changes, { most = Number.POSITIVE_INFINITY, bytes = 1000 }, expected) => {
  const result = parcels(all, parcelLimits(profileWith(changes)), { most, bytes, bytesOf: ({ isRemoval }) => (isRemoval ? 20 : 12) });
  expect(result.map((part) => part.map(({ member, isRemoval }) => `${isRemoval ? '-' : '+'}${member.key}`).join('')).join(' ')).toBe(expected);
});

test('nothing is no request', () => {
  expect(parcels([], parcelLimits(profileWith({})), { most: 9, bytes: 9, bytesOf: () => 1 })).toEqual([]);
});
