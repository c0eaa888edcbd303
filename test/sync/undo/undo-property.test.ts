import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../../src/model/ids.ts';
import { sync } from '../../../src/sync/pass.ts';
import type { UndoOptions } from '../../../src/sync/undo/plan-undo-pass.ts';
import { undoPass } from '../../../src/sync/undo/undo-pass.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import {
  companies,
  expectedState,
  inWorld,
  leavers,
  never,
  options,
  rules,
  sendsNothing,
  stateOf,
  type State,
  type World,
} from '../histories.ts';

const undoing = (undone: number): UndoOptions & { readonly expected: undefined } => ({
  ...{ undone, users: undefined, targets: ['app'], approval: {}, reason: undefined, expected: undefined },
  operator: { name: 'admin', host: 'host' },
  command: `undo ${undone} --execute`,
  commands: { show: '', carryOut: '' },
});

/** The pass that takes a pass back. */
async function undo({ io }: World, pass: number): Promise<number> {
  const report = await undoPass(io, undoing(pass), never);
  expect(report).toMatchObject({ errors: [], unread: [], reports: [{ failed: 0, skipped: 0 }] });
  return report.pass;
}

const resume = ({ io }: World): Promise<void> =>
  io.store.command(async ({ suspensions }) => {
    if (suspensions.pauses().length > 0)
      await suspensions.resume('app', { at: instant(io.clock.now()), operator: 'admin', host: 'host' });
  });

/** The groups with members: an undo leaves those that the pass created without any. */
const filled = (groups: State['groups']): unknown =>
  Object.fromEntries(
    Object.entries(groups as Readonly<Record<string, { members: readonly unknown[] }>>).filter(
      ([, { members }]) => members.length > 0,
    ),
  );

test(
  'an undo brings back what a target held before the pass, and after the pause the source is followed again',
  async () => {
    await fc.assert(
      fc.asyncProperty(companies, companies, leavers, rules, async (earlier, later, policy, ruled) => {
        await inWorld(policy, ruled, async (world) => {
          const { io, target, become, converge } = world;
          become(earlier);
          await converge();
          const before = stateOf(target);
          become(later);
          const { pass, reports } = await sync(io, { ...options, acceptSource: true, plan: undefined }, never);
          fc.pre(
            reports.every(({ failed, skipped, waitingForNames }) => failed + skipped + waitingForNames.total === 0),
          );
          const after = stateOf(target);

          const undone = await undo(world, pass);
          expect(stateOf(target).active).toEqual(before.active);
          expect(filled(stateOf(target).groups)).toEqual(filled(before.groups));

          await undo(world, undone);
          expect(stateOf(target).active).toEqual(after.active);
          expect(filled(stateOf(target).groups)).toEqual(filled(after.groups));

          await resume(world);
          await converge();
          expect(stateOf(target)).toEqual(expectedState(later, ruled, target));
          expect(await sendsNothing(io, target)).toBe(true);
        });
      }),
      randomRuns(30),
    );
  },
  randomRunsTimeoutMs,
);
