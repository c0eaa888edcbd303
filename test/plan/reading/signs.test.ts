import { expect, test } from '@jest/globals';
import {
  judgeActivations,
  judgeEmptiedGroups,
  judgeSigns,
  needsCompleteReading,
  type Absence,
  type SignComparison,
} from '../../../src/plan/reading/signs.ts';

const limits = { maxShrink: 0.3, maxBlank: 0.2, floor: 2 };
const sign = (values: Omit<SignComparison, 'sign'>): SignComparison => ({ sign: 'nsAccountLock', ...values });

test.each<[string, SignComparison, boolean, readonly string[]]>([
  ['visible on none now', sign({ had: 3, lost: 3, remaining: 0 }), true, ['source.signVanished']],
  ['the only one', sign({ had: 1, lost: 1, remaining: 0 }), true, ['source.signVanished']],
  ['the server proves that the entry lacks it', sign({ had: 1, lost: 1, remaining: 0, absence: 'proven' }), true, []],
  ['many entries lack it', sign({ had: 9, lost: 9, remaining: 0, absence: 'proven' }), true, ['source.blanked']],
  ['the server has it', sign({ had: 3, lost: 1, remaining: 2, absence: 'refuted' }), true, ['source.signVanished']],
  ['the others left the source', sign({ had: 3, lost: 0, remaining: 0 }), true, []],
  ['still visible on one', sign({ had: 3, lost: 2, remaining: 1 }), true, []],
  ['lost by more than maxBlank', sign({ had: 10, lost: 3, remaining: 7 }), true, ['source.blanked']],
  ['lost by maxBlank', sign({ had: 100, lost: 20, remaining: 80 }), true, []],
  ['an empty cell of a file', sign({ had: 1, lost: 1, remaining: 0 }), false, []],
  ['many empty cells of a file', sign({ had: 3, lost: 3, remaining: 0 }), false, ['source.blanked']],
])('%s', (_, comparison, mayBeHidden, expected) => {
  expect(judgeSigns([comparison], mayBeHidden, limits).map(({ code }) => code)).toEqual(expected);
});

test.each<[string, number, number, Absence, boolean]>([
  // made active, shown by changed entries
  ['a leaver became active', 1, 0, 'unknown', true],
  ['another changed entry shows the sign', 1, 1, 'unknown', false],
  ['no user became active', 0, 0, 'unknown', false],
  ['the server proves that the entry lacks the sign', 1, 0, 'proven', false],
  ['the server has the sign, which refuses this reading', 1, 0, 'refuted', false],
])('a complete reading is needed: %s', (_, reactivated, shown, absence, expected) => {
  expect(needsCompleteReading([{ reactivated, shown, absence }], undefined) !== undefined).toBe(expected);
});

test.each<[string, number, number, Absence, boolean]>([
  // groups without members now, groups with members
  ['no group shows members', 3, 0, 'unknown', true],
  ['another group shows members', 3, 1, 'unknown', false],
  ['one group, whose members the guard holds', 1, 0, 'unknown', false],
  ['the server proves that the groups are empty', 3, 0, 'proven', false],
  ['the server has members of one group', 1, 4, 'refuted', true],
])('groups without members are refused: %s', (_, emptied, remaining, absence, expected) => {
  const codes = judgeEmptiedGroups({ emptied, names: [], remaining, absence }).map(({ code }) => code);
  expect(codes).toEqual(expected ? ['source.membersVanished'] : []);
});

test('groups that lost their members need a complete reading if no changed group shows any', () => {
  expect(needsCompleteReading([], { shown: 0, absence: 'unknown' })).toBeDefined();
  expect(needsCompleteReading([], { shown: 1, absence: 'unknown' })).toBeUndefined();
  expect(needsCompleteReading([], { shown: 0, absence: 'proven' })).toBeUndefined();
});

test.each<[number, number, boolean]>([
  // users who became active, users who stay inactive, refused
  [0, 10, false],
  [1, 0, false],
  [6, 0, false],
  [7, 0, true],
  [7, 7, false],
  [8, 7, true],
  [9, 1, true],
  [30, 30, false],
])('%d inactive users became active and %d did not', (users, stillInactive, refused) => {
  const codes = judgeActivations({ users, stillInactive }, limits).map(({ code }) => code);
  expect(codes).toEqual(refused ? ['source.activated'] : []);
});

test.each<[readonly string[], number, string]>([
  [['eve'], 1, 'eve would count as active'],
  [['eve', 'bob', 'cy'], 7, 'eve, bob, cy and 4 more would count as active'],
  [[], 2, '2 users would count as active'],
])('a vanished sign names the users: %j of %d', (names, lost, text) => {
  const [judgement] = judgeSigns([sign({ had: lost, lost, remaining: 0, names })], true, limits);
  expect(judgement?.reason).toContain(text);
});
