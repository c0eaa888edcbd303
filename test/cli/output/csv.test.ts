import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { csvRecord, type CsvCell } from '../../../src/cli/output/csv.ts';
import '../../world/fixed-seed.ts';

describe('a record of CSV', () => {
  test.each<[string, CsvCell, string]>([
    ['plain text', 'Ada Byron', 'Ada Byron'],
    ['a number', 204, '204'],
    ['plain digits', '00123', '00123'],
    ['nothing', null, ''],
    ['undefined', undefined, ''],
    ['a comma', 'Byron, Ada', '"Byron, Ada"'],
    ['quotes', 'the "first"', '"the ""first"""'],
    ['a formula', '=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['a sum', '+1+1', `'+1+1`],
    ['a difference', '-1+1', `'-1+1`],
    ['a negative number', -5, `'-5`],
    ['an at sign', '@SUM(A1)', `'@SUM(A1)`],
    ['a formula after a quote', '"=1+1', `"'""=1+1"`],
    ['a formula after an apostrophe and blanks', `' =1`, `'' =1`],
    ['a formula after a tab', '\t=1', `'\\t=1`],
    ['a carriage return', '\r=1', `'\\r=1`],
    ['a line break', '\n=1', `'\\n=1`],
    ['a wide equals sign', '\uff1d1', `'\uff1d1`],
    ['a formula in the middle', 'a=1', 'a=1'],
    ['a mark of direction', 'ada\u202egpj', 'ada\\u202egpj'],
  ])('%s', (_, cell, expected) => {
    expect(csvRecord([cell])).toBe(expected);
  });

  test('any cells are read back as they are shown, and no spreadsheet takes one for a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 5 }), (cells) => {
        const line = csvRecord(cells);
        expect(line).not.toMatch(/[\r\n\t]/);
        const [read] = parse(line);
        expect(read).toHaveLength(cells.length);
        for (const cell of read ?? []) expect(cell).not.toMatch(/^[\s"]*[=+\-@\uff0b\uff0d\uff1d\uff20]/);
      }),
    );
  });
});
