import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { FactKind, LearnedFact } from '../../../src/model/target/learned-fact.ts';
import { dayMs } from '../../../src/model/time.ts';
import {
  afterRefusal,
  isEstablished,
  isRetained,
  isTryDue,
  stageOf,
  type FactStage,
} from '../../../src/scim/learned/fact-rules.ts';

/** Refusals in a row, each as pass and resource: `1a` is resource a in pass 1. The time is the pass in hours. */
function factAfter(kind: FactKind, refusals: string): LearnedFact {
  let fact: LearnedFact | undefined;
  for (const [pass = '', resource = ''] of refusals.split(' ')) {
    const at = instant(Number(pass) * 3_600_000);
    fact = afterRefusal({ kind, subject: 'User' }, fact, { resource, status: 405, pass: Number(pass), at });
  }
  if (fact === undefined) throw new Error('no refusal');
  return fact;
}

test.each<[FactKind, string, FactStage, boolean, boolean]>([
  // the kind, the refusals, the stage, whether the other way is used, whether the next pass tries the original way
  ['patchRefused', '1a', 'suspected', false, false],
  ['patchRefused', '1a 1a 1a', 'suspected', false, false],
  ['patchRefused', '1a 1b', 'learned', true, true],
  ['patchRefused', '1a 1b 1a', 'learned', true, true],
  ['patchRefused', '1a 1b 2a', 'confirmed', true, false],
  ['patchRefused', '1a 1b 2b', 'confirmed', true, false],
  ['patchRefused', '1a 2a', 'suspected', false, false],
  ['patchRefused', '1a 2a 3a', 'confirmed', true, false],
  ['patchRefused', '1a 2b', 'confirmed', true, false],
  ['patchRefused', '1a 5b', 'confirmed', true, false],
  ['deleteRefused', '1a 1b', 'learned', true, true],
  ['deleteRefused', '1a 1b 2c', 'confirmed', true, false],
  ['ifMatchRefused', '1a', 'suspected', false, false],
  ['ifMatchRequired', '1a 1b', 'learned', true, true],
  ['membersRefused', '1a', 'confirmed', true, false],
  ['writeIgnored', '1a', 'confirmed', true, false],
])('%s after %s: %s', (kind, refusals, stage, isUsed, isTried) => {
  const fact = factAfter(kind, refusals);
  expect(stageOf(fact)).toBe(stage);
  expect(isEstablished(fact)).toBe(isUsed);
  const isTriedIn = (pass: number): boolean => isTryDue(fact, pass, fact.confirmedAt);
  expect([isTriedIn(fact.pass), isTriedIn(fact.pass + 1)]).toEqual([false, isTried]);
});

test('the dates are those of the first and of the last refusal', () => {
  expect(factAfter('patchRefused', '1a 1b 4c')).toEqual({
    kind: 'patchRefused',
    subject: 'User',
    status: 405,
    resource: 'c',
    resources: 2,
    passes: 2,
    pass: 4,
    learnedAt: 3_600_000,
    confirmedAt: 4 * 3_600_000,
  });
});

test.each([
  // ms after the last refusal, whether the original way is tried again, whether the fact is kept
  [0, false, true],
  [dayMs - 1, false, true],
  [dayMs, true, true],
  [30 * dayMs - 1, true, true],
  [30 * dayMs, true, false],
])('%i ms after the last refusal: tried again %p, kept %p', (age, isDue, isKept) => {
  const fact = factAfter('patchRefused', '1a 1b 2a');
  const now = instant(fact.confirmedAt + age);
  expect([isTryDue(fact, 3, now), isRetained(fact, now)]).toEqual([isDue, isKept]);
});
