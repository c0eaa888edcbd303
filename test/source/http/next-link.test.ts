import { expect, test } from '@jest/globals';
import { nextLink } from '../../../src/source/http/next-link.ts';

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['<https://x/p?page=2>; rel="next"', 'https://x/p?page=2'],
  ['</p?page=2>; rel=next', '/p?page=2'],
  ['<?page=2>; REL="NEXT"', '?page=2'],
  ['<a>; rel="prev", <b>; rel="next", <c>; rel="last"', 'b'],
  ['<a>; rel="prev next"', 'a'],
  ['<a,b>; title="x, <y>; rel=next"; rel="prev", <c>; rel="next"', 'c'],
  ['<a>; rel="nextpage"', undefined],
  ['<a>; title="next"', undefined],
  ['a; rel="next"', undefined],
  ['< a >;rel="next"', 'a'],
])('%s → %s', (header, expected) => {
  expect(nextLink(header)).toBe(expected);
});
