import { expect, test } from '@jest/globals';
import { removalForm } from '../../../src/scim/removal/removal-form.ts';

test.each([
  [0, 'usual', 'usual'],
  [1, 'single', 'other'],
  [2, 'other', 'single'],
  [3, 'single', 'other'],
  [4, 'other', 'single'],
])('after %d removals without a proven effect: %s with Bulk, %s without', (unproven, withBulk, withoutBulk) => {
  expect([removalForm(unproven, true), removalForm(unproven, false)]).toEqual([withBulk, withoutBulk]);
});
