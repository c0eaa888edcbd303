import { expect, test } from '@jest/globals';
import { readKeyPairs } from '../../../src/source/csv/key-pairs.ts';

test.each<[string, string, readonly [string, string][]]>([
  [
    'commas',
    '007,7\n008,8\n',
    [
      ['007', '7'],
      ['008', '8'],
    ],
  ],
  ['semicolons, a header, CRLF', 'old;new\r\n007;7\r\n', [['007', '7']]],
  [
    'tabs, a byte order mark, blank lines',
    '\ufeff007\t7\n\n008\t8',
    [
      ['007', '7'],
      ['008', '8'],
    ],
  ],
  ['quotes and blanks', '"00,7", 7\n', [['00,7', '7']]],
  [
    'a chain',
    'a,b\nb,c\n',
    [
      ['a', 'b'],
      ['b', 'c'],
    ],
  ],
])('%s', (_, text, pairs) => {
  const read = readKeyPairs(text);
  expect(read.problems).toEqual([]);
  expect(read.pairs.map(({ from, to }) => [from, to])).toEqual(pairs);
});

test.each([
  ['one cell', 'a\n'],
  ['three cells', 'a,b,c\n'],
  ['a blank key', 'a,\n'],
  ['an old key twice', 'a,b\na,c\n'],
  ['a new key twice', 'a,c\nb,c\n'],
  ['an open quotation mark', '"a,b\n'],
])('refuses %s', (_, text) => expect(readKeyPairs(text).problems).toHaveLength(1));

test('a pair of equal keys is about a key that names another person', () => {
  expect(readKeyPairs('a,a\n')).toEqual({ pairs: [{ line: 1, from: 'a', to: 'a' }], problems: [] });
});
