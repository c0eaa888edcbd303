import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openDryRunStore } from '../../../src/store/sqlite-store.ts';
import { sync } from '../../../src/sync/pass.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { companies, inWorld, leavers, never, options, planned, rules, simulatedResults } from '../histories.ts';

test(
  'a copy without the journal of earlier passes has the plan of the state',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(companies, simulatedResults), { minLength: 2, maxLength: 5 }),
        leavers,
        rules,
        async (history, policy, ruled) => {
          const folder = mkdtempSync(join(tmpdir(), 'scimsync-copy-test-'));
          const file = join(folder, 'state.db');
          const plansOfCopy = async (
            io: Parameters<Parameters<typeof inWorld>[2]>[0]['io'],
            full: boolean,
          ): Promise<readonly string[]> => {
            const store = openDryRunStore(file, {
              ...{ temporaryFolder: folder, maxBytesInMemory: 0, guardFrom: io.clock.now() },
            });
            try {
              return await planned({ ...io, store }, full);
            } finally {
              store.close();
            }
          };
          try {
            await inWorld(
              policy,
              ruled,
              async ({ io, target, become }) => {
                for (const [company, faults] of history) {
                  const remaining = [...faults];
                  target.simulate = () => remaining.shift() ?? 'answered';
                  await sync(io, { ...options, plan: undefined }, never);
                  become(company);
                  for (const full of [false, true])
                    expect(await plansOfCopy(io, full)).toEqual(await planned(io, full));
                }
              },
              file,
            );
          } finally {
            rmSync(folder, { recursive: true });
          }
        },
      ),
      randomRuns(3),
    );
  },
  randomRunsTimeoutMs,
);
