import { describe, expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { isRecordFailure, nextTryAfter } from '../../src/model/requeue.ts';
import { dayMs } from '../../src/model/time.ts';

describe('the next try of a failing record', () => {
  test.each([
    // failures in a row, passes until the next try
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [1000, 2 ** 20],
  ])('after %i failures: in %i passes, or after a day', (failures, passes) => {
    expect(nextTryAfter(failures, 100, instant(5))).toEqual({ pass: 100 + passes, at: 5 + dayMs });
  });

  test.each<[string, Outcome, boolean]>([
    ['a refusal', { kind: 'rejected', status: 400, detail: '' }, true],
    ['refused credentials', { kind: 'rejected', status: 401, detail: '' }, false],
    ['a refused attribute', { kind: 'done', status: 200, refused: ['title'] }, true],
    [
      'a deletion that the target refused',
      { kind: 'done', status: 500, insteadOfDeletion: { kind: 'deactivated' } },
      true,
    ],
    ['a success', { kind: 'done', status: 200 }, false],
    ['500', { kind: 'unavailable', status: 500, detail: '' }, true],
    ['503', { kind: 'unavailable', status: 503, detail: '' }, false],
    ['500 to a create', { kind: 'unknown', status: 500, detail: '' }, true],
    [
      'a create that is looked up again in this pass',
      { kind: 'unknown', status: 500, detail: '', lookAgain: true },
      false,
    ],
    ['no response', { kind: 'unknown', detail: '' }, false],
    ['not sent', { kind: 'skipped', detail: '' }, false],
  ])('%s counts as a failure of the record: %#', (_, outcome, expected) => {
    expect(isRecordFailure(outcome)).toBe(expected);
  });
});
