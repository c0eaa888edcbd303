import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IncompleteReading } from '../../../src/model/errors.ts';
import type { SyncDeps } from '../../../src/sync/context.ts';
import type { Lanes } from '../../../src/sync/lanes/lanes.ts';
import { sync } from '../../../src/sync/pass.ts';
import { createGate, gatedSource } from '../../world/gated-source.ts';
import type { InMemoryTarget } from '../../world/in-memory-target.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { companySource, type Company } from '../company.ts';
import {
  companies,
  expectedState,
  inWorld,
  leavers,
  never,
  options,
  planned,
  rules,
  sendsNothing,
  simulatedResults,
  stateOf,
} from '../histories.ts';

/** A reading beside a lane: when it begins, what it reads, and the batch at which it fails (from 3 on it does not). */
const readings = fc.array(fc.tuple(fc.nat({ max: 8 }), companies, fc.nat({ max: 5 })), { maxLength: 3 });

/** A lane that executes, and readings beside it: each request of the lane lets the reading go one batch further. */
function readingsBeside(
  io: SyncDeps,
  target: InMemoryTarget,
  items: readonly (readonly [request: number, company: Company, failsAt: number])[],
  accepted: (company: Company) => void,
): { readonly lanes: Lanes; end(): Promise<void> } {
  const remaining = [...items].sort(([one], [other]) => one - other);
  const perform = target.perform.bind(target);
  const running: Promise<void>[] = [];
  const waiting: (() => void)[] = [];
  let requests = 0;
  let isPending = false;
  let isOver = false;
  const step = (): void => waiting.shift()?.();
  const read = async (company: Company, failsAt: number): Promise<void> => {
    const source = gatedSource(
      companySource(() => company),
      async (batch) => {
        const gate = createGate();
        waiting.push(gate.open);
        if (isOver) gate.open();
        await gate.opened;
        if (batch === failsAt) throw new IncompleteReading('source.inconsistent', () => 'the source ended');
      },
    );
    const lanes: Lanes = { enter: () => undefined };
    await sync({ ...io, source }, { ...options, plan: undefined, lanes }, never).then(
      () => {
        accepted(company);
        isPending = true;
      },
      (error: unknown) => {
        if (!(error instanceof IncompleteReading)) throw error;
      },
    );
  };
  target.perform = async (context) => {
    for (let next = remaining[0]; next !== undefined && next[0] <= requests; next = remaining[0]) {
      remaining.shift();
      running.push(read(next[1], next[2]));
    }
    requests += 1;
    step();
    await new Promise(setImmediate);
    return perform(context);
  };
  const news = {
    get pending() {
      return isPending;
    },
    take() {
      isPending = false;
    },
  };
  return {
    lanes: { enter: () => ({ news, leave: async () => undefined }) },
    async end() {
      isOver = true;
      while (waiting.length > 0) step();
      await Promise.all(running);
      target.perform = perform;
    },
  };
}

test(
  'readings that wait, fail and succeed beside a lane with faults converge to the last accepted one',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(companies, readings, simulatedResults), { minLength: 1, maxLength: 3 }),
        leavers,
        rules,
        async (history, policy, ruled) => {
          await inWorld(policy, ruled, async ({ io, target, become, converge }) => {
            let last: Company | undefined;
            for (const [company, items, faults] of history) {
              become(company);
              last = company;
              const remaining = [...faults];
              target.simulate = () => remaining.shift() ?? 'answered';
              const beside = readingsBeside(io, target, items, (read) => {
                last = read;
              });
              const report = await sync(io, { ...options, plan: undefined, lanes: beside.lanes }, never);
              await beside.end();
              expect(report.errors).toEqual([]);
            }
            target.simulate = () => 'answered';
            if (last === undefined) return;
            become(last);
            expect(await planned(io, false)).toEqual(await planned(io, true));
            await converge();
            expect(stateOf(target)).toEqual(expectedState(last, ruled, target));
            expect(await sendsNothing(io, target)).toBe(true);
          });
        },
      ),
      randomRuns(10),
    );
  },
  randomRunsTimeoutMs,
);
