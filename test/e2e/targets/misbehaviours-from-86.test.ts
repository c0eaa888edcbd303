import { expect, jest, test } from '@jest/globals';
import { addByHand, lostByHand, rehearsalCases } from '../../world/rehearsal/cases.ts';
import { rehearse } from '../../world/rehearsal/rehearsal.ts';
import { convergenceViolations, safetyViolations } from '../../world/rehearsal/violations.ts';

jest.setTimeout(180_000);

test('without misbehaviours: every pass succeeds, and the second of each stage sends no request', async () => {
  const passes = await rehearse({ misbehaviours: [], byHand: addByHand });
  expect([...safetyViolations(passes), ...convergenceViolations(passes), ...lostByHand(passes)]).toEqual([]);
  expect(passes.map(({ run }) => run.code)).toEqual(passes.map(() => 0));
  expect(passes.filter((pass, at) => pass.stage === passes[at - 1]?.stage && pass.requests.length > 0)).toEqual([]);
});

test.each(rehearsalCases)('$number: $title', async ({ number, loses, invites, verify, ...options }) => {
  const passes = await rehearse({ misbehaviours: [number], byHand: addByHand, ...options });
  expect([...safetyViolations(passes), ...convergenceViolations(passes, { invites })]).toEqual([]);
  expect(lostByHand(passes).filter((each) => each !== loses)).toEqual([]);
  verify?.(passes);
});
