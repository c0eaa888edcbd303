import { expect, test } from '@jest/globals';
import { createNumberList } from '../../../src/sync/compact/number-list.ts';

test.each([0, 1, 8191, 8192, 8193, 20_000])('a list of %i numbers has them in their order', (length) => {
  const first = 1e12;
  const numbers = Array.from({ length }, (_, index) => first + (index % 2 === 0 ? -index : index) * 1e5);
  const list = createNumberList();
  for (const value of numbers) list.push(value);
  expect(list).toHaveLength(length);
  expect(numbers.map((_, index) => list.at(index))).toEqual(numbers);
  expect(list.at(length)).toBeNaN();
});
