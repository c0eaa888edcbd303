import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { dayMs } from '../../../src/model/time.ts';
import { createLearnedBulk } from '../../../src/scim/learned/bulk-limits.ts';
import { createLearnedFacts } from '../../../src/scim/learned/learned-facts.ts';
import { createSizeLimit } from '../../../src/scim/learned/size-limit.ts';

/** The sizes that one pass sends of a request of `size`, to a target that accepts at most `accepted`. */
function world() {
  const clock = { now: 0 };
  let kept = createLearnedFacts(() => instant(clock.now)).all;
  let pass = 0;
  return {
    clock,
    kept: () => kept.map(({ subject }) => subject),
    pass(sizes: readonly number[], accepted: number): readonly string[] {
      pass += 1;
      const facts = createLearnedFacts(() => instant(clock.now));
      facts.restore(kept, pass);
      const limit = createSizeLimit(facts, 'membersTooLarge');
      const sent: string[] = [];
      const send = (size: number): void => {
        const next = Math.min(size, limit.limitFor(size));
        if (next <= accepted) limit.accepted(next);
        else limit.refused(next, 413);
        sent.push(next <= accepted ? `${next}` : `413 ${next}`);
        const rest = next <= accepted ? size - next : next === 1 ? 0 : size;
        if (rest > 0) send(rest);
      };
      for (const size of sizes) send(size);
      kept = facts.all;
      return sent;
    },
  };
}

test('a size that two passes confirm is kept, and a larger one is tried once a day', () => {
  const { pass, clock, kept } = world();
  expect(pass([100, 100], 30)).toEqual(['413 100', '413 50', '25', '25', '25', '25', '25', '25', '25', '25']);
  expect(kept()).toEqual(['25']);
  expect(pass([100], 30)).toEqual(['413 100', '25', '25', '25', '25']);
  expect(pass([100], 30)).toEqual(['25', '25', '25', '25']);
  clock.now = dayMs;
  expect(pass([50, 60], 30)).toEqual(['413 50', '25', '25', '25', '25', '10']);
  expect(pass([50], 30)).toEqual(['25', '25']);
  expect(pass([50], 10)).toEqual(['413 25', '413 13', ...Array<string>(7).fill('7'), '1']);
  expect(kept()).toEqual(['7']);
});

test('a larger size that is accepted ends the fact', () => {
  const { pass, clock, kept } = world();
  for (const size of [40, 40]) pass([size], 20);
  expect(kept()).toEqual(['20']);
  clock.now = dayMs;
  expect(pass([40, 40], 100)).toEqual(['40', '40']);
  expect(kept()).toEqual([]);
});

test('a request within the limit does not use up the try', () => {
  const { pass, clock } = world();
  for (const size of [40, 40]) pass([size], 20);
  clock.now = dayMs;
  expect(pass([5, 40], 100)).toEqual(['5', '40']);
});

test('where a single part is refused as well, the size is not the cause', () => {
  const { pass, kept } = world();
  expect(pass([4, 4], 0)).toEqual(['413 4', '413 2', '413 1', '413 4', '413 2', '413 1']);
  expect(kept()).toEqual([]);
});

test('the limits of Bulk requests', () => {
  const clock = { now: 0 };
  const offered = { operations: 100, bytes: 1_000 };
  let facts = createLearnedFacts(() => instant(clock.now));
  const inPass = (pass: number) => {
    const kept = facts.all;
    facts = createLearnedFacts(() => instant(clock.now));
    facts.restore(kept, pass);
    return createLearnedBulk(facts);
  };
  const first = inPass(1);
  expect(first.limitsWithin(offered)).toEqual(offered);
  expect([first.tooLarge(100), first.tooLarge(50)]).toEqual([50, 25]);
  const second = inPass(2);
  expect(second.limitsWithin(offered)).toEqual(offered);
  expect(second.tooLarge(100)).toBe(25);
  const third = inPass(3);
  expect(third.limitsWithin(offered)).toEqual({ operations: 25, bytes: 1_000 });
  third.refused(401);
  third.refused(501);
  const fourth = inPass(4);
  expect([1, 2].map(() => fourth.limitsWithin(offered)?.operations)).toEqual([25, undefined]);
  fourth.refused(501);
  expect(inPass(5).limitsWithin(offered)).toBeUndefined();
  expect(inPass(5).limitsWithin(undefined)).toBeUndefined();
  clock.now = dayMs;
  const later = inPass(6);
  expect(later.limitsWithin(offered)).toEqual(offered);
  expect(later.isRefused).toBe(false);
  later.accepted(100, false);
  later.refused(404);
  expect([later.isRefused, facts.all.length]).toEqual([true, 1]);
  later.accepted(100, true);
  expect([later.isRefused, facts.all.length]).toEqual([false, 0]);
});
