import { describe, expect, test } from '@jest/globals';
import { doWeakSignsCount, identityTokens, sameGroupReason, type KnownPerson } from '../../src/plan/key-change.ts';

const ada: KnownPerson = {
  key: '007',
  userNames: ['ada@x.example'],
  emails: ['ada.l@x.example'],
  fullName: ['Ada', 'Lovelace'],
};

/** The strongest sign that both have. */
function sharedSign(one: KnownPerson, other: KnownPerson): string {
  const texts = new Set(identityTokens(other).map(({ text }) => text));
  const token = identityTokens(one).find(({ text }) => texts.has(text));
  return token === undefined ? 'none' : `${token.isStrong ? 'strong' : 'weak'}: ${token.reason}`;
}

describe('signs that two users are one person', () => {
  const nameless = { ...ada, fullName: undefined };
  test.each<[string, KnownPerson, KnownPerson, string]>([
    ['same userName and name', ada, { ...ada, key: 'B', emails: [] }, 'strong: same userName and name'],
    [
      'same e-mail address and name',
      ada,
      { ...ada, key: 'B', userNames: ['other'] },
      'strong: same e-mail address and name',
    ],
    [
      'other case, blanks and invisible characters',
      ada,
      { ...ada, key: 'B', userNames: [' ADA@x.exam\u200bple '] },
      'strong: same userName and name',
    ],
    ['same userName, other name', ada, { ...ada, key: 'B', fullName: ['Eve', 'Other'] }, 'none'],
    ['same name alone', ada, { ...ada, key: 'B', userNames: ['b'], emails: ['b@x.example'] }, 'none'],
    [
      'userName of one is e-mail address of the other',
      ada,
      { ...ada, key: 'B', userNames: [], emails: ['ada@x.example'] },
      'none',
    ],
    [
      'key without zeros, other name',
      ada,
      { ...ada, key: '7', fullName: ['Ada', 'King'] },
      'strong: same userName, and the keys differ only in their spelling',
    ],
    [
      'key in other case, without names',
      { ...nameless, key: 'ab1' },
      { ...nameless, key: ' AB1' },
      'strong: same userName, and the keys differ only in their spelling',
    ],
    ['without names, other keys', nameless, { ...nameless, key: 'B' }, 'weak: same userName'],
    ['a name on one side only', ada, { ...nameless, key: 'B' }, 'none'],
  ])('%s', (_, one, other, sign) => expect(sharedSign(one, other)).toBe(sign));

  test('a key of zeros is not blank', () =>
    expect(sharedSign({ ...nameless, key: '000' }, { ...nameless, key: '0' })).toMatch(/^strong/));
});

test.each([
  ['one reused userName', 1, 1, false],
  ['few among many leavers', 3, 20, false],
  ['half of those who vanished', 10, 20, true],
  ['all', 30, 30, true],
])('weak signs: %s', (_, pairs, vanished, expected) => expect(doWeakSignsCount(pairs, vanished, 2)).toBe(expected));

describe('groups with one displayName', () => {
  test.each<[string, string, number, number, number, string | undefined]>([
    ['g1', 'g2', 0, 0, 0, 'same displayName, and neither has members'],
    ['g1', 'g2', 3, 3, 3, 'same displayName and members'],
    ['g1', 'g2', 4, 4, 2, 'same displayName, and 2 of 4 members'],
    ['g1', 'g2', 4, 4, 1, undefined],
    ['g1', 'g2', 2, 10, 2, undefined],
    ['g1', 'g2', 10, 2, 2, undefined],
    ['g1', 'g2', 3, 0, 0, undefined],
    ['g1', 'g2', 0, 3, 0, undefined],
    ['007', '7', 3, 0, 0, 'same displayName, and the keys differ only in their spelling'],
    ['ENG ', 'eng', 3, 3, 1, 'same displayName, and the keys differ only in their spelling'],
  ])('%s → %s, %d members before, %d now, %d common: %s', (from, to, before, now, common, reason) =>
    expect(sameGroupReason({ from, to, before, now, common })).toBe(reason),
  );
});
