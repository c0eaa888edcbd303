import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { createTryLimit } from '../../../src/page/server/try-limit.ts';

test('each wrong token waits longer; after ten, the client is blocked for a minute, and others are not', () => {
  let now = 0;
  const limit = createTryLimit({ now: () => instant(now) });
  const waits = Array.from({ length: 10 }, () => limit.countWrong('a'));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000]);
  expect([limit.isBlocked('a'), limit.isBlocked('b')]).toEqual([true, false]);
  now = 60_000;
  expect(limit.isBlocked('a')).toBe(false);
  expect(limit.countWrong('a')).toBe(250);
});

test('the memory of clients is bounded, and forgets the one that tried longest ago', () => {
  const limit = createTryLimit({ now: () => instant(0) });
  for (let index = 0; index < 10; index += 1) limit.countWrong('first');
  for (let index = 0; index < 1_000; index += 1) limit.countWrong(`client ${index}`);
  expect(limit.isBlocked('first')).toBe(false);
});
