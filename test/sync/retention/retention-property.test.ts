import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Store } from '../../../src/store/store.ts';
import { sync } from '../../../src/sync/pass.ts';
import type { Clock } from '../../../src/model/clock.ts';
import { instant } from '../../../src/model/ids.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import {
  companies,
  inWorld,
  leavers,
  never,
  options,
  planned,
  rules,
  simulatedResults,
  stateOf,
} from '../histories.ts';

/** Removes all that the retention removes, as if everything were older than its limits. */
async function tidyAll({ store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> }): Promise<void> {
  const now = instant(clock.now() + 1);
  while (await store.retention.tidy({ journalFrom: now, guardFrom: now }));
}

test(
  'the retention changes no plan, no answer and no account, after any pass',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(companies, simulatedResults, fc.boolean()), { minLength: 2, maxLength: 6 }),
        leavers,
        rules,
        async (history, policy, ruled) => {
          await inWorld(policy, ruled, (kept) =>
            inWorld(policy, ruled, async (tidied) => {
              for (const [company, faults, isTidied] of history) {
                for (const world of [kept, tidied]) {
                  const remaining = [...faults];
                  world.become(company);
                  world.target.simulate = () => remaining.shift() ?? 'answered';
                  await sync(world.io, { ...options, plan: undefined }, never);
                }
                if (isTidied) await tidyAll(tidied.io);
                for (const full of [false, true])
                  expect(await planned(tidied.io, full)).toEqual(await planned(kept.io, full));
              }
              for (const world of [kept, tidied]) {
                world.target.simulate = () => 'answered';
                await world.converge();
              }
              expect(stateOf(tidied.target)).toEqual(stateOf(kept.target));
              expect(tidied.target.operationLog).toEqual(kept.target.operationLog);
            }),
          );
        },
      ),
      randomRuns(8),
    );
  },
  randomRunsTimeoutMs,
);
