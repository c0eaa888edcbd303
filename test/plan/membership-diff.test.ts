import { describe, expect, test } from '@jest/globals';
import { diffMembership, type PlannedPresence } from '../../src/plan/membership-diff.ts';

const presences: readonly PlannedPresence[] = ['present', 'absent', 'kept', 'protected'];

type Change = ReturnType<typeof diffMembership>;

describe('a membership in a group that is there', () => {
  const unchanged = { group: 'present', isInDoubt: false, groupIsDeleted: false, isRemovedByTarget: false } as const;
  test.each<[PlannedPresence, Change, Change]>([
    // member      wanted, not known   known, not wanted
    ['present', 'add', 'remove'],
    ['absent', 'nothing', 'remove'],
    ['kept', 'nothing', 'remove'],
    ['protected', 'nothing', 'nothing'],
  ])('of somebody %s: %s where it is wanted, %s where it is not', (member, changeIfDesired, changeIfKnown) => {
    expect(diffMembership({ ...unchanged, member, isDesired: true, isKnown: false })).toBe(changeIfDesired);
    expect(diffMembership({ ...unchanged, member, isDesired: false, isKnown: true })).toBe(changeIfKnown);
    expect(diffMembership({ ...unchanged, member, isDesired: false, isKnown: false })).toBe('nothing');
  });

  test.each<[PlannedPresence, Change]>([
    ['present', 'nothing'],
    ['absent', 'remove'],
    ['kept', 'nothing'],
    ['protected', 'nothing'],
  ])('of somebody %s: %s where it is wanted and known', (member, change) => {
    expect(diffMembership({ ...unchanged, member, isDesired: true, isKnown: true })).toBe(change);
  });

  test.each<[string, boolean, PlannedPresence, boolean, Change]>([
    ['of a person who is deleted', true, 'absent', true, 'nothing'],
    ['of a person who is deactivated', false, 'absent', true, 'remove'],
    ['of a person who joins', true, 'present', false, 'add'],
  ])('%s, where the target ends memberships by itself (%s)', (_, isRemovedByTarget, member, isKnown, change) => {
    expect(diffMembership({ ...unchanged, isRemovedByTarget, member, isDesired: true, isKnown })).toBe(change);
  });
});

describe('a membership whose last change was never answered is said again', () => {
  test.each<[PlannedPresence, boolean, Change]>([
    ['present', true, 'add'],
    ['present', false, 'remove'],
    ['absent', true, 'remove'],
    ['kept', true, 'nothing'],
    ['kept', false, 'remove'],
    ['protected', true, 'nothing'],
  ])('%s, wanted %s: %s, whatever is remembered', (member, isDesired, change) => {
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

test('nothing is said about the members of a group that is not ours to change', () => {
  for (const group of ['absent', 'kept', 'protected'] as const) {
    for (const one of cases) expect(diffMembership({ ...one, group, groupIsDeleted: false })).toBe('nothing');
  }
});

test('nothing is said about the members of a group that goes, and nothing about somebody protected', () => {
  for (const group of presences)
    for (const one of cases) expect(diffMembership({ ...one, group, groupIsDeleted: true })).toBe('nothing');
  for (const one of cases)
    expect(diffMembership({ ...one, member: 'protected', group: 'present', groupIsDeleted: false })).toBe('nothing');
});

test('what is known is never added, and what is unknown never removed, unless it is in doubt', () => {
  for (const group of presences) {
    for (const one of cases)
      if (!one.isInDoubt)
        expect(diffMembership({ ...one, group, groupIsDeleted: false })).not.toBe(one.isKnown ? 'add' : 'remove');
  }
});

test('a group that stays with nobody in it loses its members, whoever is wished', () => {
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
