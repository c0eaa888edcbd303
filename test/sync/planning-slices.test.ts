import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SyncDeps } from '../../src/sync/context.ts';
import type { Lanes } from '../../src/sync/lanes/lanes.ts';
import { sync } from '../../src/sync/pass.ts';
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
import { readNews } from './news-during-pass.ts';

/** A company that the source holds after this number of slices of the first planning of a pass. */
type AfterSlices = readonly [slices: number, company: Company];

/** A reading is committed after some slices of a planning, which learns of it as news. */
function readBetweenSlices(
  io: SyncDeps,
  become: (company: Company) => void,
  [slices, company]: AfterSlices,
): { readonly io: SyncDeps; readonly lanes: Lanes } {
  let isPending = false;
  let remaining = slices;
  const read = { isDone: false };
  let begin = (): void => undefined;
  // Outside of the transaction of the planning, as another lane.
  void new Promise<void>((resolve) => {
    begin = resolve;
  })
    .then(() => readNews(io))
    .then(() => {
      read.isDone = true;
    });
  const news = {
    get pending() {
      return isPending;
    },
    take() {
      isPending = false;
    },
  };
  const store: SyncDeps['store'] = {
    ...io.store,
    planning: (work) =>
      io.store.planning((tx) =>
        work({
          ...tx,
          async nextSlice() {
            remaining -= 1;
            if (remaining !== -1) {
              await tx.nextSlice();
              return;
            }
            become(company);
            isPending = true;
            begin();
            while (!read.isDone) await tx.nextSlice();
          },
        }),
      ),
  };
  return { io: { ...io, store }, lanes: { enter: () => ({ news, leave: async () => undefined }) } };
}

test(
  'a reading between any two slices of a planning leads to the content of the source',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(companies, fc.tuple(fc.nat({ max: 5 }), companies), simulatedResults), {
          minLength: 1,
          maxLength: 3,
        }),
        leavers,
        rules,
        async (history, policy, ruled) => {
          await inWorld(policy, ruled, async ({ io, target, become, converge }) => {
            for (const [company, between, faults] of history) {
              become(company);
              const remaining = [...faults];
              target.simulate = () => remaining.shift() ?? 'answered';
              const { io: sliced, lanes } = readBetweenSlices(io, become, between);
              await sync(sliced, { ...options, plan: undefined, lanes }, never);
            }
            target.simulate = () => 'answered';
            expect(await planned(io, false)).toEqual(await planned(io, true));
            const last = history.at(-1);
            const company = last?.[1][1];
            if (company !== undefined) become(company);
            await converge();
            if (company !== undefined) expect(stateOf(target)).toEqual(expectedState(company, ruled, target));
            expect(await sendsNothing(io, target)).toBe(true);
          });
        },
      ),
      randomRuns(15),
    );
  },
  randomRunsTimeoutMs,
);

test('a leaver of a reading between two slices is not created', async () => {
  await inWorld({ action: 'deactivate' }, everything, async ({ io, target, become }) => {
    const before = companyOf({ p1: person('ada'), p2: person('bob') });
    become(before);
    const { io: sliced, lanes } = readBetweenSlices(io, become, [0, companyOf({ p2: person('bob') })]);
    await sync(sliced, { ...options, plan: undefined, lanes }, never);
    expect(target.operationLog).toEqual(['create User p2']);
  });
});
