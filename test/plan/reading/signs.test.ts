import { expect, test } from '@jest/globals';
import {
  judgeActivations,
  judgeSigns,
  needsCompleteReading,
  type SignComparison,
} from '../../../src/plan/reading/signs.ts';

const limits = { maxShrink: 0.3, maxBlank: 0.2, floor: 2 };
const sign = (values: Omit<SignComparison, 'sign' | 'hadComplete'> & { hadComplete?: number }): SignComparison => ({
  sign: 'nsAccountLock',
  hadComplete: values.had,
  ...values,
});

test.each<[string, SignComparison, boolean, readonly string[]]>([
  ['visible on none now', sign({ had: 3, lost: 3, remaining: 0 }), true, ['source.signVanished']],
  ['the only one', sign({ had: 1, lost: 1, remaining: 0 }), true, ['source.signVanished']],
  ['the only one, since the last complete reading', sign({ had: 1, hadComplete: 0, lost: 1, remaining: 0 }), true, []],
  ['the others left the source', sign({ had: 3, lost: 0, remaining: 0 }), true, []],
  ['still visible on one', sign({ had: 3, lost: 2, remaining: 1 }), true, []],
  ['lost by more than maxBlank', sign({ had: 10, lost: 3, remaining: 7 }), true, ['source.blanked']],
  ['lost by maxBlank', sign({ had: 100, lost: 20, remaining: 80 }), true, []],
  ['an empty cell of a file', sign({ had: 1, lost: 1, remaining: 0 }), false, []],
  ['many empty cells of a file', sign({ had: 3, lost: 3, remaining: 0 }), false, ['source.blanked']],
])('%s', (_, comparison, mayBeHidden, expected) => {
  expect(judgeSigns([comparison], mayBeHidden, limits).map(({ code }) => code)).toEqual(expected);
});

test.each<[string, number, number, number, boolean]>([
  // in the last complete reading, made active, shown by changed entries
  ['a leaver became active', 2, 1, 0, true],
  ['another changed entry shows the sign', 2, 1, 1, false],
  ['no user became active', 2, 0, 0, false],
  ['no entry showed it in the last complete reading', 0, 1, 0, false],
])('a complete reading is needed: %s', (_, hadComplete, reactivated, shown, expected) => {
  expect(needsCompleteReading([{ hadComplete, reactivated, shown }])).toBe(expected);
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
