import { expect, test } from '@jest/globals';
import { estimateCost } from '../../src/plan/estimate.ts';

test.each<[number, number, number]>([
  [0, 20, 0],
  [1, 20, 50],
  [100_000, 20, 5_000_000],
  [10, 3, 3334],
  [1, 0.5, 2000],
])('%d operations at %d a second take %d ms', (operations, pace, milliseconds) => {
  expect(estimateCost(operations, pace)).toEqual({ requests: operations, milliseconds });
});
