import { expect, test } from '@jest/globals';
import { createSample, sampleSize } from '../../../src/sync/verification/sample.ts';
import { seededRandom } from '../../world/random.ts';

const limits = { removals: 50, removalsShare: 0.05 };

test.each([
  [0, 0],
  [50, 50],
  [60, 50],
  [70, 51],
  [1000, 97],
])('of %d removals, %d are read', (count, expected) => {
  for (const random of [() => 0, () => 0.5, () => 0.999, seededRandom(1), seededRandom(2)]) {
    const sample = createSample(count, limits, random);
    const chosen = Array.from({ length: count }, () => sample.isChosen());
    expect(chosen.filter(Boolean)).toHaveLength(expected);
    expect(chosen.slice(0, 50).every(Boolean)).toBe(true);
  }
  expect(sampleSize(count, limits)).toBe(expected);
});

test('requests that were spent otherwise reduce the random part, not the first ones', () => {
  const sample = createSample(1000, limits, () => 0.5);
  sample.spend(40);
  expect(Array.from({ length: 1000 }, () => sample.isChosen()).filter(Boolean)).toHaveLength(57);
  const none = createSample(1000, limits, () => 0.5);
  none.spend(400);
  expect(Array.from({ length: 1000 }, () => none.isChosen()).filter(Boolean)).toHaveLength(50);
});
