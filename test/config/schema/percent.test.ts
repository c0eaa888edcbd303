import { expect, test } from '@jest/globals';
import { parseDuration, parseLimit, parseShare } from '../../../src/config/schema/percent.ts';

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
  ['5%', { kind: 'share', share: 0.05, floor: 10 }],
  [
    { limit: '5%', floor: 3 },
    { kind: 'share', share: 0.05, floor: 3 },
  ],
  [-1, undefined],
  [1.5, undefined],
  [NaN, undefined],
  ['20', undefined],
  ['200%', undefined],
])('%p is the limit %p', (written, limit) => {
  expect(parseLimit(written, 10)).toEqual(limit);
});

test.each([
  ['24h', 86_400_000],
  ['90m', 5_400_000],
  ['7d', 604_800_000],
  ['0h', 0],
  ['30s', 30_000],
  ['24', undefined],
  ['1.5h', undefined],
  ['h', undefined],
])('%p is the duration %p', (written, ms) => {
  expect(parseDuration(written)).toBe(ms);
});
