import { expect, test } from '@jest/globals';
import { createRotation, lookUpValues } from '../../../src/sync/unknown-leavers/look-ups.ts';

const limit = 3;

/** Looks up users in passes; only the look-ups of `answered` get an answer. @returns the users of each pass */
function passes(users: readonly string[], count: number, answered: readonly string[] = []): readonly string[] {
  const last = new Map<string, number>();
  const result: string[] = [];
  for (let pass = 1; pass <= count; pass += 1) {
    const rotation = createRotation<string>(limit);
    for (const user of users) if (!(last.has(user) && answered.includes(user))) rotation.add(user, last.get(user));
    const chosen = rotation.chosen();
    for (const user of chosen) last.set(user, pass);
    result.push(`${chosen.join('')} of ${rotation.open}`);
  }
  return result;
}

const users = [...'abcdefgh'];

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['no user', [], [], ['of 0', 'of 0']],
  ['fewer than the limit', [...'ab'], [...'ab'], ['ab of 2', 'of 0']],
  ['all are answered', users, users, ['abc of 8', 'def of 5', 'gh of 2', 'of 0']],
  ['the first ones are never answered', users, [...'defgh'], ['abc of 8', 'def of 8', 'gha of 5', 'bca of 3']],
  ['no look-up is answered', users, [], ['abc of 8', 'def of 8', 'gha of 8', 'bcd of 8', 'efa of 8']],
])('%s', (_, all, answered, expected) => {
  expect(passes(all, expected.length, answered).map((line) => line.trim())).toEqual(expected);
});

test('a user whom many passes did not find waits behind the others', () => {
  const rotation = createRotation<number>(2);
  for (let pass = 9; pass >= 1; pass -= 1) rotation.add(pass, pass);
  expect(rotation.chosen()).toEqual([1, 2]);
  expect(rotation.open).toBe(9);
});

const both = ['externalId', 'userName'];

test.each([
  ['both values', { externalId: '7', userName: 'ada' }, both, [], { externalId: '7', userName: 'ada' }],
  ['a userName of another user', { externalId: '7', userName: 'Ada' }, both, ['ada'], { externalId: '7' }],
  ['only that', { externalId: '7', userName: 'Ada' }, ['userName'], ['ada'], undefined],
  ['no value to search by', { externalId: '7' }, ['userName'], [], undefined],
  ['e-mail addresses are searched', { userName: 'ada' }, ['emails.value'], [], undefined],
])('values to look up: %s', (_, identity, matchUsers, names, expected) => {
  expect(lookUpValues(identity, matchUsers, new Set(names))).toEqual(expected);
});
