import { expect, test } from '@jest/globals';
import { patchLimits } from '../../../src/model/profile.ts';
import { toBatches, type MembershipChange } from '../../../src/scim/encode/member-batches.ts';
import { profileWith, type ProfileOverrides } from '../../world/profile.ts';
import { person } from '../fixtures.ts';

const gone = (keys: string): readonly MembershipChange[] =>
  [...keys].map((key) => ({ member: person(key), isRemoval: true }));
const come = (keys: string): readonly MembershipChange[] =>
  [...keys].map((key) => ({ member: person(key), isRemoval: false }));
const all = [...gone('abc'), ...come('defgh')];

test.each<[string, ProfileOverrides, { maxChanges?: number; maxBytes?: number }, string]>([
  ['all in one request', {}, {}, '-a-b-c+d+e+f+g+h'],
  ['by count', { limits: { membersPerRequest: 4 } }, {}, '-a-b-c+d +e+f+g+h'],
  ['one member per request', { limits: { membersPerRequest: 1 } }, {}, '-a -b -c +d +e +f +g +h'],
  ['fewer removals', { limits: { removalsPerRequest: 2 } }, {}, '-a-b -c+d+e+f+g+h'],
  [
    'removals in separate requests',
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
  ['with the batch size learned from the target', {}, { maxChanges: 3 }, '-a-b-c +d+e+f +g+h'],
  ['by bytes', {}, { maxBytes: 60 }, '-a-b-c +d+e+f+g+h'],
  ['a single member that is too large', {}, { maxBytes: 5 }, '-a -b -c +d +e +f +g +h'],
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

test('no changes need no request', () => {
  expect(toBatches([], patchLimits(profileWith({})), { maxChanges: 9, maxBytes: 9, bytesOf: () => 1 })).toEqual([]);
});
