import { describe, expect, test } from '@jest/globals';
import { isBlankRecord } from '../../../src/source/csv/blank-record.ts';

describe('a record without content', () => {
  test.each<[string, string, boolean]>([
    ['delimiters', ';;;', true],
    ['blanks', '  \t ', true],
    ['delimiters and blanks', ' ; ;\t;', true],
    ['no-break spaces', '\u00a0;\u202f;\u3000', true],
    ['invisible characters', '\u200b;\ufeff;\u2060;\u00ad', true],
    ['quoted nothing', '"";""', true],
    ['quoted blanks', '" ";"\u00a0\n "', true],
    ['the end-of-file character', '\u001a', true],
    ['a comma, which is no delimiter here', ',', false],
    ['a zero', ';0;', false],
    ['a dash', '-;-', false],
    ['a letter at the end', ';;;x', false],
    ['a letter above ASCII', '\u00a0;ü', false],
    ['a letter with the first byte of a blank', 'ク;', false],
    ['a quotation mark', '""""', false],
    ['a quotation mark beside blanks', ';"""";', false],
    ['a quotation mark that cannot be parsed', '" "" x', false],
    ['a NUL', '\0', false],
    ['nothing', '', true],
  ])('%s', (_, text, expected) => {
    expect(isBlankRecord(Buffer.from(text), ';')).toBe(expected);
  });

  test('the delimiter is no content, also where it is a blank', () => {
    expect(isBlankRecord(Buffer.from('\t\t'), '\t')).toBe(true);
    expect(isBlankRecord(Buffer.from(','), ',')).toBe(true);
    expect(isBlankRecord(Buffer.from([0x3b, 0xff]), ';')).toBe(false);
    expect(isBlankRecord(Buffer.from([0xc2]), ';')).toBe(false);
  });
});
