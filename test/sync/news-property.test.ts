import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sync } from '../../src/sync/pass.ts';
import type { InMemoryTarget } from '../world/in-memory-target.ts';
import { randomRuns, randomRunsTimeoutMs } from '../world/random-runs.ts';
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
} from './histories.ts';
import { newsDuring } from './news-during-pass.ts';

const newsItems = fc.array(fc.tuple(fc.nat({ max: 12 }), companies), { maxLength: 4 });

test(
  'news at any point of a pass, with faults, converges to the content of the source and closes no account too early',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(companies, newsItems, simulatedResults), { minLength: 1, maxLength: 3 }),
        leavers,
        rules,
        async (history, policy, ruled) => {
          await inWorld(policy, ruled, async ({ io, target, become, converge }) => {
            const perform = target.perform;
            const open: string[] = [];
            const watched = {
              ...io,
              emit(event: Parameters<typeof io.emit>[0]) {
                if (event.type !== 'operation' || event.result !== 'done') return;
                const { action, resourceType, key } = event.operation;
                const isClosing = resourceType === 'User' && (action === 'deactivate' || action === 'delete');
                if (isClosing && isOpen(target, key)) open.push(key);
              },
            };
            for (const [company, items, faults] of history) {
              become(company);
              const remaining = [...faults];
              target.simulate = () => remaining.shift() ?? 'answered';
              const lanes = newsDuring(io, target, become, items);
              await sync(watched, { ...options, plan: undefined, lanes }, never);
              target.perform = perform;
            }
            expect(open).toEqual([]);
            target.simulate = () => 'answered';
            const last = history.at(-1);
            const company = [...(last?.[1] ?? [])].sort(([one], [other]) => one - other).at(-1)?.[1] ?? last?.[0];
            if (company !== undefined) become(company);
            expect(await planned(io, false)).toEqual(await planned(io, true));
            await converge();
            if (company !== undefined) expect(stateOf(target)).toEqual(expectedState(company, ruled, target));
            expect(await sendsNothing(io, target)).toBe(true);
            expect(await planned(io, true)).toEqual([]);
          });
        },
      ),
      randomRuns(10),
    );
  },
  randomRunsTimeoutMs,
);

const isOpen = (target: InMemoryTarget, key: string): boolean =>
  [...target.accounts.User.values()].some(({ body }) => body['externalId'] === key && body['active'] !== false);
