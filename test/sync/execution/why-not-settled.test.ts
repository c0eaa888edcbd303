import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { whyNotSettled } from '../../../src/sync/execution/unanswered-creates.ts';

const second = 1000;
const day = 86_400 * second;

const minute = 60 * second;
const delays = { delayMs: 15 * second, secondLookMs: 10 * minute };

test.each<[string, number | undefined, number, number | undefined, 'open' | 'settled']>([
  ['no answer, searches may be late', undefined, 10 * second, undefined, 'open'],
  ['no answer, the first look-up, an hour later', undefined, 60 * minute, undefined, 'open'],
  ['no answer, a second look-up five minutes after the first', undefined, 6 * minute, 1 * minute, 'open'],
  ['no answer, a second look-up ten minutes after the first', undefined, 11 * minute, 1 * minute, 'settled'],
  ['refused, searches may be late', 400, 1 * minute, undefined, 'open'],
  ['refused, searches show it by now', 400, 10 * minute, undefined, 'settled'],
  ['a conflict that no look-up explains', 409, day - 1, 0, 'open'],
  ['a conflict of the day before', 409, day, 0, 'settled'],
])('%s', (_, status, ageMs, firstEmptyMs, expected) => {
  const firstEmptyAt = firstEmptyMs === undefined ? undefined : instant(firstEmptyMs);
  const why = whyNotSettled({ sentAt: instant(0), status, firstEmptyAt }, instant(ageMs), delays);
  expect(why === undefined ? 'settled' : 'open').toBe(expected);
});
