import { describe, expect, test } from '@jest/globals';
import {
  isGarbledText,
  isNewlyGarbled,
  isSubstituted,
  isWrongEncoding,
  judgeEncoding,
} from '../../../src/plan/reading/garbled-text.ts';

const names = ['Müller', 'Łukasz', 'Øyvind', 'François', 'Ñandú', 'O’Brien', 'Иванов', 'Γιώργος', '山田', '김', 'Ağca'];

/** UTF-8 read as windows-1252. */
const misread = (text: string): string => new TextDecoder('windows-1252').decode(Buffer.from(text));

test.each(names)('%s is text, and not when it is read in a wrong encoding', (name) => {
  expect(isGarbledText(name)).toBe(false);
  expect(isGarbledText(misread(name))).toBe(true);
});

test.each([
  ['Ada', false],
  ['M\ufffdller', true],
  ['M\u0081ller', true],
  ['CAFÉ', false],
  ['à la carte', false],
  ['Größe – groß', false],
  ['ÄÖÜ', false],
  ['50 €', false],
])('%s', (text, expected) => {
  expect(isGarbledText(text)).toBe(expected);
});

test('a record that was garbled before is not newly garbled', () => {
  const readable = { name: ['Müller'] };
  const garbled = { name: ['MÃ¼ller'] };
  expect(isNewlyGarbled(undefined, garbled, { isMisread: false })).toBe(true);
  expect(isNewlyGarbled(readable, garbled, { isMisread: false })).toBe(true);
  expect(isNewlyGarbled(garbled, garbled, { isMisread: false })).toBe(false);
  expect(isNewlyGarbled(undefined, readable, { isMisread: false })).toBe(false);
  // The bytes are known to be in another encoding, whatever the text looks like.
  expect(isNewlyGarbled(undefined, readable, { isMisread: true })).toBe(true);
  expect(isNewlyGarbled(undefined, { name: ['Ada'] }, { isMisread: true })).toBe(false);
});

test.each([
  ['Müller', 'M?ller', true],
  ['Müller', 'M??ller', true],
  ['Müller', 'M&#252;ller', true],
  ['Müller', 'M&uuml;ller', true],
  ['Müller', 'M=FCller', true],
  ['Müller', 'M%C3%BCller', true],
  ['Müller', String.raw`M\u00fcller`, true],
  ['Müller', 'Mller', true],
  ['Łukasz Müller', '?ukasz Müller', true],
  ['山田 (Tokyo)', '?? (Tokyo)', true],
  ['Müller', 'Müller', false],
  ['Müller', 'Mueller', false],
  ['Müller', 'Muller', false],
  ['Müller', 'Schmidt', false],
  ['Muller', 'M?ller', false],
  ['Anna\u00a0Weiß', 'Anna Weiß', false],
  ['uid=zoë,ou=people', 'uid=zo?,ou=people', true],
  ['uid=zoë,ou=people', 'uid=zoé,ou=people', false],
  ['-#&~(é]/', '-#&~(=C3=A9]/', true],
  ['Иванов', 'И=D0=B2анов', true],
  ['Менеджер по продажам'.repeat(5), `${'?'.repeat(90)}!`, false],
  ['Þór "x", y😀 (z) [1]*', '?? "x", y?', false],
  ['Þór "x", y😀 (z) [1]*', '??r "x", y? (z) [1]*', true],
  ['Müßig', 'M=C3=BC=C3=9Fig', true],
  ['山'.repeat(200), `${'?'.repeat(400)}!`, false],
  ['山'.repeat(200), '?'.repeat(400), true],
])('%s, then %s', (before, now, expected) => {
  expect(isSubstituted(before, now)).toBe(expected);
  expect(isNewlyGarbled({ name: ['x', before] }, { name: ['x', now] }, { isMisread: false })).toBe(expected);
});

test('a value that is another encoding of the one before', () => {
  const isMisreading = (before: string, now: string): boolean => before === 'Ő' && now === 'Õ';
  const compare = (before: string, now: string): boolean =>
    isNewlyGarbled({ name: [before] }, { name: [now] }, { isMisread: false, isMisreading });
  expect([compare('Ő', 'Õ'), compare('Õ', 'Ő'), compare('Ő', 'Ő')]).toEqual([true, false, false]);
});

test('letters of two scripts in one word', () => {
  expect(['Schrڑder', 'Mьller', 'Müller', 'IT-отдел', 'Иванов Ivan'].map(isGarbledText)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

describe('a wrong encoding', () => {
  test.each<[string, number, number, number, boolean, boolean]>([
    // garbled, undecodable, beyond ASCII, first reading, expected
    ['nothing', 0, 0, 100, false, false],
    ['all of a first reading', 1, 0, 1, true, true],
    ['one of many in a first reading', 1, 0, 100, true, false],
    ['one joiner', 1, 0, 1, false, false],
    ['two of two', 2, 0, 2, false, true],
    ['two joiners', 2, 0, 100, false, false],
    ['a quarter', 25, 0, 100, false, true],
    ['the limit', 20, 0, 100, false, false],
    ['rows that cannot be decoded', 0, 30, 70, false, true],
    ['all rows beyond ASCII cannot be decoded', 0, 3, 0, true, true],
  ])('%s', (_, garbled, undecodable, nonAscii, isFirst, expected) => {
    const comparison = { garbled, undecodable, nonAscii, isFirst };
    expect(isWrongEncoding(comparison)).toBe(expected);
    expect(judgeEncoding(comparison, 'windows-1252')).toHaveLength(expected ? 1 : 0);
  });

  test('is refused with the encoding that fits, and with numbers', () => {
    const comparison = { garbled: 2, undecodable: 6, nonAscii: 4, isFirst: false };
    expect(judgeEncoding(comparison, 'windows-1252')).toMatchObject([
      { code: 'source.encodingWrong', subject: 'windows-1252', numbers: { nonAscii: 10 }, refused: true },
    ]);
    expect(judgeEncoding(comparison, 'windows-1252')[0]?.reason).toContain('"windows-1252"');
  });
});
