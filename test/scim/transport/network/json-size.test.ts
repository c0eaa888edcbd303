import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countValues } from '../../../../src/scim/transport/network/json-size.ts';
import '../../../world/fixed-seed.ts';

describe('the number of values', () => {
  test.each([
    ['7', 1],
    ['{}', 2],
    ['[1,2,3]', 4],
    ['{"a":[{},{}],"b":"c"}', 7],
    ['{"a":"[,{,\\",[{"}', 2],
    ['"[[[["', 1],
  ])('%s', (json, values) => expect(countValues(Buffer.from(json))).toBe(values));

  test('is at least the number that parsing creates, and at most twice that', () => {
    const count = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce((total: number, member) => total + count(member), 1)
        : 1;
    fc.assert(
      fc.property(fc.json(), (json) => {
        const values = count(JSON.parse(json));
        const counted = countValues(Buffer.from(json));
        expect(counted).toBeGreaterThanOrEqual(values);
        expect(counted).toBeLessThanOrEqual(2 * values);
      }),
    );
  });
});
