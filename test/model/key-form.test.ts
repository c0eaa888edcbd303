import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyFormSteps, keyInForm, type KeyForm } from '../../src/model/reading/key-form.ts';
import '../world/fixed-seed.ts';

const all: KeyForm = keyFormSteps;

test.each<[string, KeyForm, string]>([
  [' E-7a ', [], ' E-7a '],
  [' \u00a0E 7\u200b ', ['trim'], 'E 7'],
  ['\ufeff4711', ['trim'], '4711'],
  ['E-7A', ['ignoreCase'], 'e-7a'],
  ['00100', ['stripLeadingZeros'], '100'],
  ['0E12', ['stripLeadingZeros'], 'E12'],
  ['000', ['stripLeadingZeros'], '0'],
  ['0', ['stripLeadingZeros'], '0'],
  ['0-12', ['stripLeadingZeros'], '0-12'],
  [' 00100', ['stripLeadingZeros'], ' 00100'],
  [' 00E7 ', all, 'e7'],
  ['\u200b', ['trim'], '\u200b'],
])('%j in %j is %j', (key, form, expected) => {
  expect(keyInForm(key, form)).toBe(expected);
});

test('the form of a form is the form, and the order of the steps does not matter', () => {
  const anyKey = fc.string({ unit: fc.constantFrom('0', '1', 'a', 'Ä', 'İ', ' ', '\u200b', '-', 'ß') });
  fc.assert(
    fc.property(anyKey, fc.subarray([...all]), (key, form) => {
      const once = keyInForm(key, form);
      expect(keyInForm(once, form)).toBe(once);
      expect(keyInForm(key, form.toReversed())).toBe(once);
    }),
  );
});
