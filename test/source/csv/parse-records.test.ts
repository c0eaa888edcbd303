import { describe, expect, test } from '@jest/globals';
import { parseRecords } from '../../../src/source/csv/parse-records.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('cells', () => {
  test.each([
    ['plain', 'a,b', ['a', 'b']],
    ['quoted', '"a,""b""",c', ['a,"b"', 'c']],
    ['fewer cells than the header, which the caller checks', 'a', ['a']],
    ['empty ones', ',,', ['', '', '']],
    ['with blanks', ' a , b', [' a ', ' b']],
    ['a carriage return inside', 'a\rb,c', ['a\rb', 'c']],
  ])('%s', (_, record, expected) => {
    expect(parseRecords([Buffer.from(record)], ',')).toEqual([expected]);
  });

  test.each([
    ['a quote inside a cell', Buffer.from('5" pipe,b'), /quote is inside a cell/],
    ['a quote after a blank', Buffer.from('a, "b"'), /quote is inside a cell/],
    ['text after the closing quote', Buffer.from('"a"b,c'), /follows the closing quote/],
    ['bytes of another encoding', latin1('a,\xe9'), /invalid in its encoding/],
    ['half a character', Buffer.from('a,é').subarray(0, -1), /invalid in its encoding/],
  ])('%s is invalid', (_, record, reason) => {
    expect(parseRecords([record], ',')).toMatchObject([{ refused: expect.stringMatching(reason) }]);
  });

  test('an invalid record does not affect the others, at any position', () => {
    for (let bad = 0; bad < 9; bad += 1) {
      for (const record of [Buffer.from('x"y,z'), latin1('\xff,z')]) {
        const records = Array.from({ length: 9 }, (_, index) =>
          index === bad ? record : Buffer.from(`k${index},"v\n${index}"`),
        );
        const cells = parseRecords(records, ',');
        expect(cells.map((found) => ('refused' in found ? 'refused' : found[0]))).toEqual(
          records.map((_, index) => (index === bad ? 'refused' : `k${index}`)),
        );
      }
    }
  });

  test('only invalid records, and no records', () => {
    expect(parseRecords([Buffer.from('a"'), Buffer.from('b"'), Buffer.from('c"')], ',')).toHaveLength(3);
    expect(parseRecords([], ',')).toEqual([]);
  });
});
