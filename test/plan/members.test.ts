import { describe, expect, test } from '@jest/globals';
import { diffMembership, type Standing } from '../../src/plan/members.ts';

const standings: readonly Standing[] = ['present', 'absent', 'kept', 'protected'];

type Change = ReturnType<typeof diffMembership>;

describe('a membership in a group that is there', () => {
  const settled = { group: 'present', doubtful: false, groupGoes: false, endsByItself: false } as const;
  test.each<[Standing, Change, Change]>([
    // member      wanted, not known   known, not wanted
    ['present', 'add', 'remove'],
    ['absent', 'nothing', 'remove'],
    ['kept', 'nothing', 'remove'],
    ['protected', 'nothing', 'nothing'],
  ])('of somebody %s: %s where it is wanted, %s where it is not', (member, wanted, known) => {
    expect(diffMembership({ ...settled, member, wanted: true, known: false })).toBe(wanted);
    expect(diffMembership({ ...settled, member, wanted: false, known: true })).toBe(known);
    expect(diffMembership({ ...settled, member, wanted: false, known: false })).toBe('nothing');
  });

  test.each<[Standing, Change]>([
    ['present', 'nothing'],
    ['absent', 'remove'],
    ['kept', 'nothing'],
    ['protected', 'nothing'],
  ])('of somebody %s: %s where it is wanted and known', (member, change) => {
    expect(diffMembership({ ...settled, member, wanted: true, known: true })).toBe(change);
  });

  test.each<[string, boolean, Standing, boolean, Change]>([
    ['of a person who is deleted', true, 'absent', true, 'nothing'],
    ['of a person who is deactivated', false, 'absent', true, 'remove'],
    ['of a person who joins', true, 'present', false, 'add'],
  ])('%s, where the target ends memberships by itself (%s)', (_, endsByItself, member, known, change) => {
    expect(diffMembership({ ...settled, endsByItself, member, wanted: true, known })).toBe(change);
  });
});

describe('a membership whose last change was never answered is said again', () => {
  test.each<[Standing, boolean, Change]>([
    ['present', true, 'add'],
    ['present', false, 'remove'],
    ['absent', true, 'remove'],
    ['kept', true, 'nothing'],
    ['kept', false, 'remove'],
    ['protected', true, 'nothing'],
  ])('%s, wanted %s: %s, whatever is remembered', (member, wanted, change) => {
    const doubtful = {
      group: 'present',
      doubtful: true,
      groupGoes: false,
      endsByItself: false,
      member,
      wanted,
    } as const;
    expect(diffMembership({ ...doubtful, known: true })).toBe(change);
    expect(diffMembership({ ...doubtful, known: false })).toBe(change);
  });
});

const all = [false, true];
const cases = all.flatMap((wanted) =>
  all.flatMap((known) =>
    all.flatMap((doubtful) =>
      all.flatMap((endsByItself) => standings.map((member) => ({ wanted, known, doubtful, endsByItself, member }))),
    ),
  ),
);

test('nothing is said about the members of a group that is not ours to change', () => {
  for (const group of ['absent', 'kept', 'protected'] as const) {
    for (const one of cases) expect(diffMembership({ ...one, group, groupGoes: false })).toBe('nothing');
  }
});

test('nothing is said about the members of a group that goes, and nothing about somebody protected', () => {
  for (const group of standings)
    for (const one of cases) expect(diffMembership({ ...one, group, groupGoes: true })).toBe('nothing');
  for (const one of cases)
    expect(diffMembership({ ...one, member: 'protected', group: 'present', groupGoes: false })).toBe('nothing');
});

test('what is known is never added, and what is unknown never removed, unless it is in doubt', () => {
  for (const group of standings) {
    for (const one of cases)
      if (!one.doubtful)
        expect(diffMembership({ ...one, group, groupGoes: false })).not.toBe(one.known ? 'add' : 'remove');
  }
});

test('a group that stays with nobody in it loses its members, whoever is wished', () => {
  const emptied = {
    group: 'emptied',
    member: 'present',
    doubtful: false,
    groupGoes: false,
    endsByItself: false,
  } as const;
  expect(diffMembership({ ...emptied, wanted: true, known: true })).toBe('remove');
  expect(diffMembership({ ...emptied, wanted: true, known: false })).toBe('nothing');
});
