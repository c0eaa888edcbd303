import type { TargetPlan } from '../../model/plan.ts';
import { passApprovals } from '../guard/pass-approvals.ts';
import { draftRound } from '../guard/judge-round.ts';
import type { PassOptions, SyncDeps } from '../context.ts';
import { planTarget, type EarlyRounds } from '../plan-target.ts';
import { rulesFingerprint } from '../planning-scope.ts';
import { openTargetRun, type TargetRun } from '../run-target.ts';
import { mappingFor, reportFrozen, type News, type TargetOfPass } from './news.ts';

/** The removals that a target carries out while its round 0 is being planned. */
export interface EarlyRemovals extends EarlyRounds {
  /** The connection to the target; undefined: nothing was removed. */
  readonly run: TargetRun | undefined;
}

/** Rolls back a planning that is not carried out. It does not leave this file. */
class LeftToNews extends Error {}

/**
 * Lets leavers go while their target is being planned. The planning of 100,000 users takes seconds, and news is planned
 * after it. So the removals of the news are planned between two slices, and carried out at once:
 *
 *     round 0     slice ─ slice ─┐                      ┌─ slice ─ … ─ last slice ─┐
 *     round 1…                   └─ deactivate, remove ─┘                          │
 *     news                                                                         └─ everything that changed
 *
 * They are removals only, of users with an account, and nothing counts as planned by them. So the news after the
 * planning compares the same users again, and takes back what round 0 planned for them. What the guard would hold is
 * left to it.
 */
export function createEarlyRemovals(
  deps: SyncDeps,
  options: PassOptions,
  target: TargetOfPass & { readonly reading: number },
  news: Pick<News, 'pending'>,
  stop: AbortSignal,
): EarlyRemovals {
  const plans: TargetPlan[] = [];
  let run: TargetRun | undefined;
  let { reading } = target;

  async function planSince(after: number): Promise<Planned | undefined> {
    try {
      return await deps.store.planning(async (store) => {
        const last = await store.mirror.last();
        const mapping = last && mappingFor(target.spec, last.columns);
        if (last === undefined || mapping === undefined || !hasSameRules(target, mapping)) throw new LeftToNews();
        reading = last.number;
        const input = { ...target, mapping, reading, removalsAfter: after, earlier: [draftRound, ...plans] };
        // One transaction, which can be rolled back.
        const inside = { ...deps, emit: () => undefined, store: { ...store, nextSlice: () => Promise.resolve() } };
        const plan = await planTarget(inside, {
          ...input,
          options: { ...options, full: false },
          approvals: passApprovals({}, undefined),
        });
        if (plan.verdict.kind === 'hold' || plan.cost.requests === 0) throw new LeftToNews();
        return { plan, mapping };
      });
    } catch (error) {
      if (error instanceof LeftToNews) return undefined;
      throw error;
    }
  }

  return {
    plans,
    get run() {
      return run;
    },
    async between() {
      if (!news.pending || stop.aborted || run?.isOver() === true) return;
      const last = await deps.store.mirror.last();
      if (last === undefined || last.number <= reading) return;
      const planned = await planSince(reading);
      reading = Math.max(reading, last.number);
      if (planned === undefined) return;
      const { plan, mapping } = planned;
      deps.emit({ type: 'planned', target: plan.target, operations: plan.cost.requests, milliseconds: 0 });
      reportFrozen(deps.emit, plan);
      plans.push(plan);
      run ??= await openTargetRun(deps, { ...target, isFull: options.full }, stop);
      await run.execute({ round: plans.length, plan, mapping }, noInterruption);
    },
  };
}

interface Planned {
  readonly plan: TargetPlan;
  readonly mapping: TargetOfPass['mapping'];
}

/** For a pass without them. */
export const noEarlyRemovals: EarlyRemovals = { plans: [], run: undefined, between: () => Promise.resolve() };

const noInterruption = { isPending: () => false, execute: () => Promise.resolve() };

const hasSameRules = ({ spec, mapping: ofPass }: TargetOfPass, mapping: TargetOfPass['mapping']): boolean =>
  rulesFingerprint(spec, mapping) === rulesFingerprint(spec, ofPass);
