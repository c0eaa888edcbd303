import { expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import { createKeyIndex } from '../../../src/sync/compact/key-index.ts';

const keyOf = (n: number) => sourceKey(`E${n}`);

test('numbers of many keys are found, and later ones replace them', () => {
  const index = createKeyIndex();
  for (let n = 0; n < 20_000; n += 1) index.set(keyOf(n), n % 1000);
  for (let n = 0; n < 20_000; n += 7) index.set(keyOf(n), 65_534);
  for (let n = 0; n < 20_000; n += 1) expect(index.get(keyOf(n))).toBe(n % 7 === 0 ? 65_534 : n % 1000);
});

test('a key without a number has none, also beside keys that differ in a letter', () => {
  const index = createKeyIndex();
  expect(index.get(sourceKey(''))).toBeUndefined();
  index.set(sourceKey(''), 0);
  index.set(sourceKey('ada'), 1);
  expect(index.get(sourceKey(''))).toBe(0);
  expect(index.get(sourceKey('ada'))).toBe(1);
  expect(index.get(sourceKey('Ada'))).toBeUndefined();
  expect(index.get(sourceKey('adä'))).toBeUndefined();
});
