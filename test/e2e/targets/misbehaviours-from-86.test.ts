import { expect, jest, test } from '@jest/globals';
import { addByHand, lostByHand, rehearsalCases } from '../../world/rehearsal/cases.ts';
import { rehearse } from '../../world/rehearsal/rehearsal.ts';
import { convergenceViolations, safetyViolations } from '../../world/rehearsal/violations.ts';

jest.setTimeout(180_000);

/** Leavers of a rehearsal, one of whom returns. */
const removals = 4;

test('each misbehaviour from 86 to 110 has a test', () => {
  expect(rehearsalCases.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, index) => 86 + index));
});

test('without misbehaviours: every pass succeeds, and the second of each stage writes nothing', async () => {
  const passes = await rehearse({ misbehaviours: [], byHand: addByHand });
  expect([...safetyViolations(passes), ...convergenceViolations(passes), ...lostByHand(passes)]).toEqual([]);
  expect(passes.map(({ run }) => run.code)).toEqual(passes.map(() => 0));
  // A second look at each removal, at most: nothing else happens without a change.
  const repeated = passes.filter(({ stage }, at) => stage === passes[at - 1]?.stage);
  const requests = repeated.flatMap(({ requests: all }) => all.map(({ method, path }) => `${method} ${path}`));
  expect(requests.filter((request) => !/^GET \/Users(\/|$)/.test(request))).toEqual([]);
  expect(requests.length).toBeLessThanOrEqual(removals);
});

test.each(rehearsalCases)('$number: $title', async ({ number, loses, invites, verify, ...options }) => {
  const passes = await rehearse({ misbehaviours: [number], byHand: addByHand, ...options });
  expect([...safetyViolations(passes), ...convergenceViolations(passes, { invites })]).toEqual([]);
  expect(lostByHand(passes).filter((each) => each !== loses)).toEqual([]);
  verify?.(passes);
});
