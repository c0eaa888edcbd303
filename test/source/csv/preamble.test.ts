import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findPreamble } from '../../../src/source/csv/preamble.ts';

describe('what precedes the header', () => {
  test.each<[string, string, number, string, number, string?]>([
    ['nothing', 'id;name\n1;a\n', 0, 'id;name\n1;a\n', 0],
    ['an empty file', '', 0, '', 0],
    ['the delimiter', 'sep=;\nid;name\n', 0, 'id;name\n', 1, ';'],
    ['the delimiter, CR LF', 'sep=;\r\nid;name\r\n', 0, 'id;name\r\n', 1, ';'],
    ['the delimiter, CR alone', 'sep=;\rid;name\r', 0, 'id;name\r', 1, ';'],
    ['a tab', 'sep=\t\nid\tname\n', 0, 'id\tname\n', 1, '\t'],
    ['in capitals', 'SEP=,\nid\n', 0, 'id\n', 1, ','],
    ['in quotes', '"sep=;"\nid\n', 0, 'id\n', 1, ';'],
    ['with the delimiters of empty cells', 'sep=;;;;\nid\n', 0, 'id\n', 1, ';'],
    ['a column of that name', 'sep=x;y\nid\n', 0, 'sep=x;y\nid\n', 0],
    ['a delimiter that is a letter', 'sep=ab\nid\n', 0, 'sep=ab\nid\n', 0],
    ['title lines', 'Employees\nas of May\nid\n', 2, 'id\n', 2],
    ['title lines with quotation marks', 'The "staff\n\nid\n', 2, 'id\n', 2],
    ['title lines, CR LF', 'Employees\r\n\r\nid\r\n', 2, 'id\r\n', 2],
    ['title lines, CR alone', 'Employees\r\rid\r', 2, 'id\r', 2],
    ['the delimiter as the first skipped line', 'sep=;\nEmployees\nid\n', 2, 'id\n', 2, ';'],
    ['the delimiter after the skipped lines', 'Employees\nsep=;\nid\n', 1, 'id\n', 2, ';'],
    ['more lines than the file has', 'a\nb', 5, '', 5],
    ['only the delimiter', 'sep=;', 0, '', 1, ';'],
  ])('%s', (_, text, skipLines, rest, lines, ...others) => {
    const head = Buffer.from(text);
    const found = findPreamble(head, skipLines, true);
    expect({ ...found, bytes: head.subarray(found?.bytes).toString() }).toEqual({
      bytes: rest,
      lines,
      delimiter: others.find((one) => typeof one === 'string'),
    });
  });

  test.each<[string, number]>([
    ['', 0],
    ['sep=;', 0],
    ['sep=;\r', 0],
    ['Employees\nid', 1],
  ])('%j is too short to decide with %i lines to skip', (text, skipLines) => {
    expect(findPreamble(Buffer.from(text), skipLines, false)).toBeUndefined();
  });

  test('any first piece of a file that is long enough gives the same answer', () => {
    const line = fc.constantFrom('sep=;\n', 'Employees\r\n', '\r', '\n', 'id;name\n', '1;a\r\n');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.nat(3), fc.nat(60), (lines, skipLines, length) => {
        const whole = Buffer.from(lines.join(''));
        const early = findPreamble(whole.subarray(0, length), skipLines, false);
        if (early !== undefined) expect(early).toEqual(findPreamble(whole, skipLines, true));
      }),
    );
  });
});
