import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { FactName, LearnedFact } from '../../../src/model/target/learned-fact.ts';
import { dayMs } from '../../../src/model/time.ts';
import { createLearnedFacts } from '../../../src/scim/learned/learned-facts.ts';

const patch: FactName = { kind: 'patchRefused', subject: 'User' };
const groupPatch: FactName = { kind: 'patchRefused', subject: 'Group' };

const confirmed = (at: number): LearnedFact => ({
  ...patch,
  status: 405,
  resource: 'a',
  resources: 2,
  passes: 2,
  pass: 2,
  learnedAt: instant(0),
  confirmedAt: instant(at),
});

function factsAt(now: number, earlier: readonly LearnedFact[] = []) {
  const facts = createLearnedFacts(() => instant(now));
  facts.restore(earlier, 3);
  return facts;
}

describe('in one pass', () => {
  test('two resources in a row change the way, each resource type by itself', () => {
    const facts = factsAt(0);
    facts.refused(patch, { resource: 'a', status: 405 });
    expect(facts.holds(patch)).toBe(false);
    facts.refused(patch, { resource: 'b', status: 501 });
    expect([facts.holds(patch), facts.holds(groupPatch)]).toEqual([true, false]);
    expect(facts.find(patch)).toMatchObject({ status: 501, resource: 'b' });
  });

  test('a success between two refusals starts again', () => {
    const facts = factsAt(0);
    facts.refused(patch, { resource: 'a', status: 405 });
    facts.accepted(patch);
    facts.refused(patch, { resource: 'b', status: 405 });
    expect(facts.holds(patch)).toBe(false);
    expect(facts.find(patch)).toMatchObject({ resources: 1 });
  });
});

describe('a confirmed fact', () => {
  test('applies from the start of a later pass', () => {
    const facts = factsAt(dayMs - 1, [confirmed(0)]);
    expect([facts.appliesTo(patch), facts.appliesTo(patch), facts.isTryDue(patch)]).toEqual([true, true, false]);
  });

  test('lets one operation try the original way after a day, and the others not', () => {
    const facts = factsAt(dayMs, [confirmed(0)]);
    expect([facts.holds(patch), facts.isTryDue(patch)]).toEqual([true, true]);
    expect([facts.appliesTo(patch), facts.appliesTo(patch), facts.holds(patch)]).toEqual([false, true, true]);
  });

  test('lets several operations try it, where one of them is not enough', () => {
    const facts = factsAt(dayMs, [confirmed(0)]);
    expect([1, 2, 3].map(() => facts.appliesTo(patch, 2))).toEqual([false, false, true]);
  });

  test('has a new date after a refused try, and applies to all operations again', () => {
    const facts = factsAt(dayMs, [confirmed(0)]);
    facts.appliesTo(patch);
    facts.refused(patch, { resource: 'c', status: 405 });
    expect(facts.all).toEqual([{ ...confirmed(dayMs), resource: 'c', passes: 3, pass: 3 }]);
    expect([facts.appliesTo(patch), facts.isTryDue(patch)]).toEqual([true, false]);
  });

  test('is forgotten after an accepted try', () => {
    const facts = factsAt(dayMs, [confirmed(0)]);
    facts.accepted(patch);
    expect([facts.all, facts.appliesTo(patch)]).toEqual([[], false]);
  });

  test('that one pass learned is tried by one operation of the next pass', () => {
    const facts = factsAt(0, [{ ...confirmed(0), passes: 1 }]);
    expect([facts.appliesTo(patch), facts.appliesTo(patch)]).toEqual([false, true]);
    facts.refused(patch, { resource: 'c', status: 405 });
    expect(facts.isTryDue(patch)).toBe(false);
  });

  test('is forgotten when no pass confirms it for 30 days', () => {
    expect(factsAt(30 * dayMs, [confirmed(0)]).all).toEqual([]);
  });
});
