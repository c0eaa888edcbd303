import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sync } from '../../src/sync/pass.ts';
import type { SimulatedResult } from '../world/in-memory-target.ts';
import { randomRuns, randomRunsTimeoutMs } from '../world/random-runs.ts';
import type { Company } from './company.ts';
import {
  companies,
  companyOf,
  everything,
  expectedState,
  inWorld,
  leavers,
  never,
  options,
  person,
  planned,
  rules,
  sendsNothing,
  simulatedResults,
  stateOf,
} from './histories.ts';

const withGroup = (...groups: readonly string[]): Company => ({
  people: new Map([['p1', person('ada', { active: false })]]),
  groups: new Map(groups.map((key) => [key, { name: 'blue', members: new Set<string>() }])),
});

/**
 * The account of a manager is deleted. The delete of the report receives no response. Both return, and the manager gets
 * another account.
 */
const managerReturns: [Company, SimulatedResult[]][] = [
  [companyOf({ p1: person('gus'), p5: person('cyd'), p6: person('bob', { manager: 'p5' }) }), []],
  [companyOf({ p5: person('fay', { active: false }) }), ['answered', 'answered', 'lostBefore']],
  [companyOf({ p5: person('ada'), p6: person('cyd', { manager: 'p5' }) }), []],
];

/** The group is deleted and created again; neither request receives a response. Then the group leaves. */
const recreatedGroupLeaves: [Company, SimulatedResult[]][] = [
  [withGroup('g1'), []],
  [withGroup(), ['lostAfter']],
  [withGroup('g1'), ['lostAfter']],
  [withGroup(), []],
];

describe('any history of companies and faults', () => {
  test(
    'converges to the content of the source, and the next pass sends nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(companies, simulatedResults), { minLength: 1, maxLength: 5 }),
          leavers,
          rules,
          async (history, policy, ruled) => {
            await inWorld(policy, ruled, async ({ io, target, become, converge }) => {
              for (const [company, faults] of history) {
                become(company);
                const remaining = [...faults];
                target.simulate = () => remaining.shift() ?? 'answered';
                await sync(io, { ...options, plan: undefined }, never);
              }
              target.simulate = () => 'answered';
              await converge();
              const [company] = history.at(-1) ?? [];
              if (company !== undefined) expect(stateOf(target)).toEqual(expectedState(company, ruled, target));
              expect(await sendsNothing(io, target)).toBe(true);
              const before = target.operationLog.length;
              await sync(io, { ...options, full: true, plan: undefined }, never);
              expect(target.operationLog.slice(before)).toEqual([]);
            });
          },
        ),
        {
          ...randomRuns(30),
          examples: [
            [managerReturns, { action: 'delete' }, everything],
            [recreatedGroupLeaves, { action: 'deactivate' }, everything],
          ],
        },
      );
    },
    randomRunsTimeoutMs,
  );

  test(
    'has the same incremental and full plan',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(companies, simulatedResults), { minLength: 1, maxLength: 4 }),
          companies,
          fc.boolean(),
          leavers,
          rules,
          async (history, next, keepsPeople, policy, ruled) => {
            await inWorld(policy, ruled, async ({ io, target, become }) => {
              for (const [company, faults] of history) {
                become(company);
                const remaining = [...faults];
                target.simulate = () => remaining.shift() ?? 'answered';
                await sync(io, { ...options, plan: undefined }, never);
              }
              // Where people stay as they are, only their groups make them candidates.
              const people = history.at(-1)?.[0].people ?? next.people;
              become(keepsPeople ? { people, groups: next.groups } : next);
              expect(await planned(io, false)).toEqual(await planned(io, true));
            });
          },
        ),
        randomRuns(30),
      );
    },
    randomRunsTimeoutMs,
  );
});
