import type { TargetPlan } from '../../model/plan.ts';
import type { Target } from '../../scim/target.ts';
import type { PlanningTransaction } from '../../store/store.ts';
import type { PassOptions, SyncDeps } from '../context.ts';
import type { OpenedPass } from '../open-pass.ts';
import { planOne } from '../plan-pass.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import type { TargetReport } from '../target-report.ts';
import { createEarlyRemovals, noEarlyRemovals } from '../rounds/early-removals.ts';
import { endOf, syncTarget } from '../rounds/sync-target.ts';
import { decideSubjects } from '../subjects/decide-subject.ts';
import { endUnanswered } from '../verification/end-unanswered.ts';
import type { Lane, LaneEnd } from './lanes.ts';

/** What a lane needs of the pass that it takes part in. */
export interface LaneRun {
  readonly deps: SyncDeps;
  readonly options: PassOptions;
  readonly opened: OpenedPass;
  readonly target: PreparedTarget;
  readonly lane: Lane;
  /** The plan of round 0; undefined: the lane plans its target itself. */
  readonly plan: TargetPlan | undefined;
  readonly onReport?: ((report: TargetReport) => void) | undefined;
}

/**
 * One target in one pass: plans it, and executes the plan. An error ends this lane only.
 *
 * @param stop ends the lane: no further request is sent, and the requests in flight get `deps.stopMs`
 */
export async function runLane(run: LaneRun, stop: AbortSignal): Promise<LaneEnd> {
  const { deps, opened, target, lane } = run;
  const { journal } = deps.store;
  let end: LaneEnd;
  try {
    end = await planAndExecute(run, stop);
  } catch (error) {
    end = stop.aborted && error === stop.reason ? { kind: 'unplanned' } : { kind: 'failed', error };
    // Removes what slices of a planning committed. A full disk fails here, too: then it is removed when the state is
    // opened next.
    await journal.closeTarget(opened.pass, target.spec.name, deps.clock.now()).catch(() => undefined);
  }
  if (end.kind === 'ended') run.onReport?.(end.report);
  await lane.leave(end);
  return end;
}

async function planAndExecute(run: LaneRun, stop: AbortSignal): Promise<LaneEnd> {
  const { deps, options, opened, target, lane } = run;
  const { journal } = deps.store;
  const { name } = target.spec;
  if (stop.aborted) return { kind: 'unplanned' };
  const stopping = closeAfterStop(deps, lane, stop);
  const ofPass = { ...opened, ...target };
  const isPartial = opened.subjects !== undefined || options.onlyRequeued !== undefined;
  const early = isPartial
    ? noEarlyRemovals
    : createEarlyRemovals(stopping.deps, options, ofPass, lane.news, endOf(lane, stop));
  try {
    const [firstPlan, decisions] = await deps.store
      .planning(async (store) => {
        const inside = { ...deps, store: endedBetweenSlices(store, stop) };
        const plan = run.plan ?? (await planOne(inside, options, opened, target, early));
        return [plan, await decideSubjects(inside, opened, target, plan)] as const;
      })
      .catch((error: unknown) => {
        early.run?.close();
        throw error;
      });
    const { report, preempted } = await syncTarget(
      ...([stopping.deps, options, ofPass, firstPlan, lane, early, stop] as const),
    );
    await endUnanswered(journal, name, deps.clock.now());
    await journal.saveSummary(opened.pass, name, report);
    return { kind: 'ended', report, decisions, preempted };
  } finally {
    stopping.end();
  }
}

/** The planning of a large target takes minutes. A stop ends it between two slices, by the reason of the signal. */
const endedBetweenSlices = (store: PlanningTransaction, stop: AbortSignal): PlanningTransaction => ({
  ...store,
  async nextSlice(meanwhile) {
    await store.nextSlice(meanwhile);
    stop.throwIfAborted();
  },
});

/**
 * Requests in flight get `stopMs` after a stop, so that their answers are recorded. Then they are aborted: what they
 * changed is in doubt, and the next pass reads it.
 */
export function closeAfterStop(
  deps: SyncDeps,
  lane: Pick<Lane, 'waitUntil'>,
  stop: AbortSignal,
): { readonly deps: SyncDeps; readonly end: () => void } {
  const ended = new AbortController();
  const closeSoon = async (target: Target): Promise<void> => {
    await deps.clock.sleep(deps.stopMs ?? defaultStopMs, ended.signal);
    target.close();
  };
  return {
    deps: {
      ...deps,
      connect(spec, requestCounts) {
        const target = deps.connect(spec, requestCounts, (at) => lane.waitUntil?.(at));
        const onStop = (): void => {
          // The sleep is aborted when the lane has ended: nothing is in flight.
          closeSoon(target).catch(() => undefined);
        };
        if (stop.aborted) onStop();
        else stop.addEventListener('abort', onStop, { once: true, signal: ended.signal });
        return target;
      },
    },
    end: () => {
      ended.abort();
    },
  };
}

/** By default, requests in flight get this time after a stop, in ms. */
export const defaultStopMs = 5_000;
