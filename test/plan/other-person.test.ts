import { expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import type { KnownPerson } from '../../src/plan/key-change.ts';
import { formerKey, isFormerKey, otherPerson } from '../../src/plan/other-person.ts';

const person = (given: string, family: string, login?: string, key = '00123'): KnownPerson => ({
  key,
  userNames: login === undefined ? [] : [login],
  emails: login === undefined ? [] : [`${login}@x.example`],
  fullName: [given, family],
});

const ada = person('Ada', 'Lovelace', 'ada');

test.each<[string, KnownPerson, KnownPerson, boolean]>([
  ['another name and login', ada, person('Bob', 'Builder', 'bob'), true],
  ['a short name that is similar', ada, person('Ida', 'Rhodes', 'ida'), true],
  ['a family name that begins like the given name', ada, person('Bob', 'Adams', 'bob'), true],
  ['a marriage', ada, person('Ada', 'King', 'ada.king'), false],
  ['another given name', ada, person('Augusta', 'Lovelace', 'augusta'), false],
  ['the same login', ada, person('Bob', 'Builder', 'ada'), false],
  ['the same login in another case', ada, person('Bob', 'Builder', 'ADA'), false],
  ['exchanged columns', ada, person('Lovelace', 'Ada', 'lovelace'), false],
  ['a second given name', ada, person('Augusta Ada', 'King', 'a.king'), false],
  ['a hyphenated name', person('Anna', 'Weber', 'aw'), person('Anna-Maria', 'Schmidt', 'as'), false],
  ['umlauts', person('Jürgen', 'Groß', 'jürgen'), person('Juergen', 'Gross', 'juergen'), false],
  ['accents', person('René', 'Lefèvre', 'rené'), person('Rene', 'Lefevre', 'rene'), false],
  ['letters with a stroke', person('Łukasz', 'Đorđević', 'l'), person('Lukasz', 'Dordevic', 'lukasz'), false],
  ['an invisible character', person('Ada', 'Lovelace', 'ada'), person('A\u200bda', 'King', 'king'), false],
  ['a short form', person('Max', 'Weber', 'max'), person('Maximilian', 'Schmidt', 'ms'), false],
  ['another spelling', person('Ulf', 'Meier', 'ulf'), person('Tom', 'Meyer', 'tom'), false],
  ['logins that have the key', person('Ada', 'Lovelace', 'p00123'), person('Bob', 'Builder', 'p00123'), true],
  ['no logins', person('Ada', 'Lovelace'), person('Bob', 'Builder'), true],
  ['a short key', person('Ada', 'Lovelace', 'p1', '1'), person('Bob', 'Builder', 'p1', '1'), false],
  ['a placeholder', person('-', '.', 'a'), person('Bob', 'Builder', 'bob'), false],
  ['no names before', { ...ada, fullName: undefined }, person('Bob', 'Builder', 'bob'), false],
  ['no names now', ada, { ...person('Bob', 'Builder', 'bob'), fullName: undefined }, false],
])('a key names another person: %s', (_, before, now, isOther) => {
  expect(otherPerson(before, now) !== undefined).toBe(isOther);
});

test('the other person is named with both names', () => {
  expect(otherPerson(ada, person('Bob', 'Builder', 'bob'))).toEqual({
    name: 'bob',
    reason: 'Ada Lovelace before, Bob Builder now',
  });
  expect(otherPerson(person('Ada', 'Lovelace'), person('Bob', 'Builder'))?.name).toBe('Bob Builder');
});

test('a former key is recognised, also where keyForm changed its case', () => {
  const former = formerKey('00123', instant(Date.parse('2026-11-29T09:00:00Z')));
  expect(former).toBe('00123 (former person, until 2026-11-29T09:00:00.000Z)');
  expect([former, former.toLowerCase(), '00123', '7 (until 2026-11-29T09:00:00.000Z)'].map(isFormerKey)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
