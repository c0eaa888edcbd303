import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { createCircuitBreaker, type CircuitBreaker } from '../../../src/scim/transport/circuit-breaker.ts';

const minute = 60_000;

/** What happens at a target, in order. */
type Step = (breaker: CircuitBreaker, at: number) => void;

const operations = Array.from({ length: 40 }, () => ({}));
const operation = (index: number): object => operations[index] ?? {};
const repeat = (count: number, step: (index: number) => Step): readonly Step[] =>
  Array.from({ length: count }, (_, index) => step(index));

const unanswered =
  (index: number): Step =>
  ({ writeUnanswered }) =>
    writeUnanswered(operation(index));
const blocked =
  (index: number): Step =>
  ({ writeBlocked }) =>
    writeBlocked(operation(index));
/** A read is answered, and an operation that only reads succeeds: neither shows that writes work. */
const read: Step = (breaker) => {
  breaker.answered('read');
  breaker.succeeded();
  breaker.recovered();
};
const write: Step = (breaker) => {
  breaker.answered('write');
  breaker.writeAnswered();
};
const throttled =
  (kind: 'read' | 'write'): Step =>
  (breaker, at) =>
    void breaker.throttled(kind, instant(at), instant(at + 1));

/** @returns whether the circuit is open after these steps, ten seconds apart */
function isOpenAfter(...steps: readonly (Step | readonly Step[])[]): boolean {
  const breaker = createCircuitBreaker('app');
  steps.flat().forEach((step, index) => step(breaker, (index * minute) / 6));
  return breaker.unavailableReason !== undefined;
}

describe('writes and reads are counted separately', () => {
  test.each<[string, readonly (Step | readonly Step[])[], boolean]>([
    ['eight writes without an answer', [repeat(8, unanswered)], false],
    ['nine writes without an answer', [repeat(9, unanswered)], true],
    [
      'nine, and an answered read after each',
      [
        repeat(
          9,
          (index) =>
            (...at) =>
              [unanswered(index), read].forEach((one) => one(...at)),
        ),
      ],
      true,
    ],
    ['nine of two operations', [repeat(9, (index) => unanswered(index % 2))], false],
    ['nine of three operations', [repeat(9, (index) => unanswered(index % 3))], true],
    ['eight, an answered write, and eight', [repeat(8, unanswered), write, repeat(8, unanswered)], false],
    ['eight, an answered write, and nine', [repeat(8, unanswered), write, repeat(9, unanswered)], true],
    ['19 operations that a gateway answers', [repeat(19, blocked)], false],
    ['20 operations that a gateway answers', [repeat(20, blocked)], true],
    ['20, and an answered read between', [repeat(10, blocked), read, repeat(20, blocked)], true],
    ['19, an answered write, and 19', [repeat(19, blocked), write, repeat(19, blocked)], false],
    ['six minutes of throttled writes', [repeat(37, () => throttled('write'))], true],
    [
      'the same, and answered reads between',
      [
        repeat(
          20,
          () =>
            (...at) =>
              [throttled('write'), read].forEach((one) => one(...at)),
        ),
        repeat(17, () => throttled('write')),
      ],
      true,
    ],
    [
      'the same, and an answered write between',
      [repeat(18, () => throttled('write')), write, repeat(18, () => throttled('write'))],
      false,
    ],
    [
      'six minutes of throttled reads, and answered writes between',
      [repeat(18, () => throttled('read')), write, repeat(18, () => throttled('read'))],
      true,
    ],
  ])('%s', (_, steps, isOpen) => {
    expect(isOpenAfter(...steps)).toBe(isOpen);
  });
});
