import { expect, test } from '@jest/globals';
import { parseLimit, parseShare } from '../../../src/config/schema/percent.ts';

test.each([
  ['5%', 0.05],
  ['0%', 0],
  ['100%', 1],
  ['2.5%', 0.025],
  [' 30 % ', 0.3],
  ['101%', undefined],
  ['-5%', undefined],
  ['5', undefined],
  ['%', undefined],
  ['5%%', undefined],
  ['', undefined],
  ['1e1%', undefined],
])('%p is the share %p', (written, share) => {
  expect(parseShare(written)).toBe(share);
});

test.each([
  [20, { kind: 'count', count: 20 }],
  [0, { kind: 'count', count: 0 }],
  ['5%', { kind: 'share', share: 0.05 }],
  [-1, undefined],
  [1.5, undefined],
  [NaN, undefined],
  ['20', undefined],
  ['200%', undefined],
])('%p is the limit %p', (written, limit) => {
  expect(parseLimit(written)).toEqual(limit);
});
