import { expect, test } from '@jest/globals';
import { exitCodeOf, type PassResult } from '../../src/plan/exit-code.ts';

const done: PassResult = { failed: false, held: false, unsent: false, changes: false };

test.each<[Partial<PassResult>, number]>([
  [{}, 0],
  [{ changes: true }, 2],
  [{ unsent: true }, 1],
  [{ unsent: true, changes: true }, 1],
  [{ held: true }, 3],
  [{ held: true, changes: true }, 3],
  [{ held: true, unsent: true }, 3],
  [{ failed: true }, 1],
  [{ failed: true, held: true, unsent: true, changes: true }, 1],
])('%j → %d', (facts, code) => {
  expect(exitCodeOf({ ...done, ...facts })).toBe(code);
});
