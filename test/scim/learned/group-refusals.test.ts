import { expect, test } from '@jest/globals';
import { instant, remoteId } from '../../../src/model/ids.ts';
import { dayMs } from '../../../src/model/time.ts';
import { createGroupRefusals } from '../../../src/scim/learned/group-refusals.ts';
import { createLearnedFacts } from '../../../src/scim/learned/learned-facts.ts';
import type { LearnedFact } from '../../../src/model/target/learned-fact.ts';

const group = remoteId('g');
const [addition, removal] = [[{ isRemoval: false }], [{ isRemoval: true }]];
const mixed = [...removal, ...addition];

function refusalsAt(now: number, earlier: readonly LearnedFact[] = []) {
  const facts = createLearnedFacts(() => instant(now));
  facts.restore(earlier, 2);
  return { facts, refusals: createGroupRefusals(facts).of(group) };
}

const times = (count: number, work: () => void): void => {
  for (let index = 0; index < count; index += 1) work();
};

test('sixteen refused additions in a row end bisection, and eight refused batches more end the operation', () => {
  const { facts, refusals } = refusalsAt(0);
  times(15, () => refusals.refused(addition, 400));
  expect([refusals.areTooMany(addition), facts.all]).toEqual([false, []]);
  refusals.refused(addition, 400);
  expect([refusals.areTooMany(addition), refusals.areTooMany(mixed)]).toEqual([true, true]);
  expect(facts.all).toMatchObject([{ kind: 'membersRefused', subject: 'g', status: 400 }]);
  times(7, () => refusals.refused(addition, 400));
  expect(refusals.areSentOnce(addition)).toBe(false);
  refusals.refused(addition, 400);
  expect(refusals.areSentOnce(addition)).toBe(true);
});

test('removals are counted by themselves', () => {
  const { facts, refusals } = refusalsAt(0);
  times(16, () => refusals.refused(addition, 400));
  expect(refusals.areTooMany(removal)).toBe(false);
  refusals.accepted(removal);
  expect([refusals.areTooMany(addition), facts.all.length]).toEqual([true, 1]);
  refusals.accepted(mixed);
  expect([refusals.areTooMany(addition), facts.all.length]).toEqual([false, 0]);
});

test('the next pass sends additions once, and a day later bisects again', () => {
  const { facts, refusals } = refusalsAt(0);
  times(16, () => refusals.refused(addition, 400));
  const next = refusalsAt(dayMs - 1, facts.all).refusals;
  expect([next.areTooMany(addition), next.areSentOnce(addition)]).toEqual([true, false]);
  next.refused(addition, 400);
  expect(next.areSentOnce(addition)).toBe(true);
  expect(refusalsAt(dayMs, facts.all).refusals.areTooMany(addition)).toBe(false);
});
