import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { atIntervals } from '../../../src/sync/lanes/at-intervals.ts';

test.each<[string, readonly number[], readonly number[]]>([
  ['at once, and again when 10 ms have passed', [1000, 1000, 1009, 1010, 1019, 1025], [1000, 1010, 1025]],
  ['again when the clock was set back', [1000, 400, 401, 410], [1000, 400, 410]],
])('looks %s', (_, times, expected) => {
  let now = instant(0);
  const looks: number[] = [];
  const look = atIntervals({ now: () => now }, () => looks.push(now));
  for (const at of times) {
    now = instant(at);
    look();
  }
  expect(looks).toEqual(expected);
});
