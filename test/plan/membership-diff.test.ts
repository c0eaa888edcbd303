import { describe, expect, test } from '@jest/globals';
import { diffMembership, type PlannedPresence } from '../../src/plan/membership-diff.ts';

const presences: readonly PlannedPresence[] = ['present', 'absent', 'kept', 'protected'];

type Change = ReturnType<typeof diffMembership>;

describe('a membership in a present group', () => {
  const unchanged = { group: 'present', isInDoubt: false, groupIsDeleted: false, isRemovedByTarget: false } as const;
  test.each<[PlannedPresence, Change, Change]>([
    // member      desired, not known   known, not desired
    ['present', 'add', 'remove'],
    ['absent', 'nothing', 'remove'],
    ['kept', 'nothing', 'remove'],
    ['protected', 'nothing', 'nothing'],
  ])(
    'of a member that is %s: %s if it is only desired, %s if it is only known',
    (member, changeIfDesired, changeIfKnown) => {
      expect(diffMembership({ ...unchanged, member, isDesired: true, isKnown: false })).toBe(changeIfDesired);
      expect(diffMembership({ ...unchanged, member, isDesired: false, isKnown: true })).toBe(changeIfKnown);
      expect(diffMembership({ ...unchanged, member, isDesired: false, isKnown: false })).toBe('nothing');
    },
  );

  test.each<[PlannedPresence, Change]>([
    ['present', 'nothing'],
    ['absent', 'remove'],
    ['kept', 'nothing'],
    ['protected', 'nothing'],
  ])('of a member that is %s: %s if it is desired and known', (member, change) => {
    expect(diffMembership({ ...unchanged, member, isDesired: true, isKnown: true })).toBe(change);
  });

  test.each<[string, boolean, PlannedPresence, boolean, Change]>([
    ['of a user who is deleted', true, 'absent', true, 'nothing'],
    ['of a user who is deactivated', false, 'absent', true, 'remove'],
    ['of a user who joins', true, 'present', false, 'add'],
  ])('%s, at a target that removes memberships by itself: %s', (_, isRemovedByTarget, member, isKnown, change) => {
    expect(diffMembership({ ...unchanged, isRemovedByTarget, member, isDesired: true, isKnown })).toBe(change);
  });
});

describe('a membership in doubt is sent again', () => {
  test.each<[PlannedPresence, boolean, Change]>([
    ['present', true, 'add'],
    ['present', false, 'remove'],
    ['absent', true, 'remove'],
    ['kept', true, 'nothing'],
    ['kept', false, 'remove'],
    ['protected', true, 'nothing'],
  ])('%s, desired %s: %s, known or not', (member, isDesired, change) => {
    const inDoubt = {
      group: 'present',
      isInDoubt: true,
      groupIsDeleted: false,
      isRemovedByTarget: false,
      member,
      isDesired,
    } as const;
    expect(diffMembership({ ...inDoubt, isKnown: true })).toBe(change);
    expect(diffMembership({ ...inDoubt, isKnown: false })).toBe(change);
  });
});

const all = [false, true];
const cases = all.flatMap((isDesired) =>
  all.flatMap((isKnown) =>
    all.flatMap((isInDoubt) =>
      all.flatMap((isRemovedByTarget) =>
        presences.map((member) => ({ isDesired, isKnown, isInDoubt, isRemovedByTarget, member })),
      ),
    ),
  ),
);

test('memberships of an absent, kept or protected group do not change', () => {
  for (const group of ['absent', 'kept', 'protected'] as const) {
    for (const one of cases) expect(diffMembership({ ...one, group, groupIsDeleted: false })).toBe('nothing');
  }
});

test('memberships of a deleted group and of a protected member do not change', () => {
  for (const group of presences)
    for (const one of cases) expect(diffMembership({ ...one, group, groupIsDeleted: true })).toBe('nothing');
  for (const one of cases)
    expect(diffMembership({ ...one, member: 'protected', group: 'present', groupIsDeleted: false })).toBe('nothing');
});

test('only a membership in doubt is added although known, or removed although unknown', () => {
  for (const group of presences) {
    for (const one of cases)
      if (!one.isInDoubt)
        expect(diffMembership({ ...one, group, groupIsDeleted: false })).not.toBe(one.isKnown ? 'add' : 'remove');
  }
});

test('an emptied group loses all members, desired or not', () => {
  const emptied = {
    group: 'emptied',
    member: 'present',
    isInDoubt: false,
    groupIsDeleted: false,
    isRemovedByTarget: false,
  } as const;
  expect(diffMembership({ ...emptied, isDesired: true, isKnown: true })).toBe('remove');
  expect(diffMembership({ ...emptied, isDesired: true, isKnown: false })).toBe('nothing');
});
