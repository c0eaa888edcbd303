import { expect, test } from '@jest/globals';
import { createNumberList } from '../../../src/sync/compact/number-list.ts';

test.each([0, 1, 8191, 8192, 8193, 20_000])('a list of %i numbers has them in their order', (length) => {
  const numbers = Array.from({ length }, (_, index) => index * 1e10);
  const list = createNumberList();
  for (const value of numbers) list.push(value);
  expect([...list.values()]).toEqual(numbers);
});
