import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldKey, keyFormSteps, keyInForm, type KeyForm } from '../../src/model/reading/key-form.ts';
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

test.each([
  ['00100', '100', true],
  ['E 7', 'e7', true],
  ['\uff25\uff10\uff17', 'e07', true],
  ['\uff10\uff10 7', '7', true],
  ['\u200b 007', '7', true],
  ['\ufb01n', 'FIN', true],
  ['0-12', '-12', false],
  ['100', '10', false],
  ['7', 'E7', false],
  ['000', '0', true],
  [' ', '\u200b', false],
])('%j and %j are one key for a comparison: %s', (one, other, expected) => {
  expect(foldKey(one) === foldKey(other)).toBe(expected);
});

test('keys that a form makes equal are equal for a comparison, which is its own fold', () => {
  const anyKey = fc.string({
    unit: fc.constantFrom('0', '1', 'a', 'A', 'Ä', 'İ', ' ', '\u200b', '-', 'ß', '\uff10', '\uff21', '\ufb01'),
  });
  fc.assert(
    fc.property(anyKey, fc.subarray([...all]), (key, form) => {
      expect(foldKey(keyInForm(key, form))).toBe(foldKey(key));
      expect(foldKey(foldKey(key))).toBe(foldKey(key));
    }),
    { numRuns: 2000 },
  );
});
