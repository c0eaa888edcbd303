import { expect, test } from '@jest/globals';
import { grouped } from '../../../src/cli/print/format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [123_456, '123,456'],
  [1_234_567, '1,234,567'],
])('%d is printed as %s', (count, text) => {
  expect(grouped(count)).toBe(text);
});
