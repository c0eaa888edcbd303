import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { whyNotSettled } from '../../../src/sync/execution/unanswered-creates.ts';

const second = 1000;
const day = 86_400 * second;

test.each<[string, number | undefined, number, 'open' | 'settled']>([
  ['no answer, searches may be late', undefined, 10 * second, 'open'],
  ['no answer, searches show it by now', undefined, 15 * second, 'settled'],
  ['refused, searches show it by now', 400, 15 * second, 'settled'],
  ['a conflict that no look-up explains', 409, day - 1, 'open'],
  ['a conflict of the day before', 409, day, 'settled'],
])('%s', (_, status, ageMs, expected) => {
  const why = whyNotSettled({ sentAt: instant(0), status }, instant(ageMs), 15 * second);
  expect(why === undefined ? 'settled' : 'open').toBe(expected);
});
