import type { TargetPlan } from '../../model/plan.ts';
import type { Lane } from '../lanes/lanes.ts';
import { maxRounds, type PassOptions, type SyncDeps } from '../context.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import { planTarget } from '../plan-target.ts';
import { openTargetRun, reportUnsent } from '../run-target.ts';
import type { TargetReport } from '../target-report.ts';
import { whyNotCompared } from '../unknown-leavers/leavers-of-news.ts';
import type { EarlyRemovals } from './early-removals.ts';
import { newsBetweenOperations, reportFrozen, type TargetOfPass } from './news.ts';

/** How the rounds of a target ended. */
export interface SyncedTarget {
  readonly report: TargetReport;
  /** Why the next pass goes on at once: news needs a plan of everything or a list, or an operator ended the run. */
  readonly preempted: string | undefined;
}

/**
 * Rounds at one target: plan, execute, and the same for the follow-ups of the responses. News comes between two
 * operations of a round, or before the follow-ups, as a further round.
 *
 *     round 0    what changed
 *     round 1…   adopted accounts that differ, members of adopted groups, mutual references; news
 */
export async function syncTarget(
  deps: SyncDeps,
  options: PassOptions,
  target: TargetOfPass,
  firstPlan: TargetPlan,
  lane: Pick<Lane, 'news' | 'end' | 'planned'>,
  early: Pick<EarlyRemovals, 'plans' | 'run'>,
  stop: AbortSignal,
): Promise<SyncedTarget> {
  const { news, end } = lane;
  const plans: TargetPlan[] = [firstPlan, ...early.plans];
  lane.planned?.(() => plans.some(({ verdict }) => verdict.kind === 'hold'));
  reportFrozen(deps.emit, firstPlan);
  if (early.run === undefined && !(await needsRequests(deps, options, target, firstPlan)))
    return { report: await reportUnsent(deps, target, firstPlan), preempted: undefined };
  const run = early.run ?? (await openTargetRun(deps, { ...target, isFull: options.full }, endOf(lane, stop)));
  try {
    await run.begin();
    const interruption = newsBetweenOperations({ deps, options, target, run, plans }, news);
    for (let followUps = 0; followUps < maxRounds; followUps += 1) {
      if (followUps > 0) plans.push(await planFollowUps(deps, options, target, plans));
      const round = followUps === 0 ? 0 : plans.length - 1;
      const plan = plans[round] ?? firstPlan;
      await run.execute({ round, isLast: followUps === maxRounds - 1, plan }, interruption);
      // One news at a time: a source that changes all the time does not keep the follow-ups waiting.
      if (interruption.isPending() && !run.isOver()) await interruption.execute(undefined);
      if (!(await run.hasFollowUps())) break;
    }
    const reason = reasonOf(end, run.isOver(), target, plans);
    const preempted = interruption.endedRun() ?? (stop.aborted ? undefined : reason);
    if (preempted !== undefined) run.endEarly(preempted);
    return { report: await run.finish(plans), preempted };
  } finally {
    run.close();
  }
}

/** Aborted by a stop of the pass, and by what ends this pass of the lane. */
export const endOf = ({ end }: Pick<Lane, 'end'>, stop: AbortSignal): AbortSignal =>
  end === undefined ? stop : AbortSignal.any([stop, end]);

/** Why the next pass goes on at once. A target that failed waits until it is tried again. */
function reasonOf(
  end: AbortSignal | undefined,
  isOver: boolean,
  { spec }: TargetOfPass,
  plans: readonly TargetPlan[],
): string | undefined {
  if (end?.aborted === true) return (end.reason as Error).message;
  return isOver ? undefined : whyNotCompared(spec, plans);
}

/** Whether there is something to send, to ask or to read back. */
async function needsRequests(
  deps: SyncDeps,
  { full }: PassOptions,
  target: PreparedTarget,
  { cost, hasUnmatchedLeavers }: TargetPlan,
): Promise<boolean> {
  const isAsked = full && target.spec.profile.protocol.discovery !== 'off';
  return cost.requests > 0 || hasUnmatchedLeavers || isAsked || (await hasDueVerifications(deps, target));
}

/** Whether removals of earlier passes are to be read back now. */
async function hasDueVerifications({ store, clock }: SyncDeps, { spec }: PreparedTarget): Promise<boolean> {
  const { verifications } = await store.target(spec.name);
  const now = clock.now();
  return (await verifications.countDue(1, now)) + (await verifications.countDue(2, now)) > 0;
}

/** The guard judges all rounds as one plan, so the options' approval and limits are spent once. */
async function planFollowUps(
  deps: SyncDeps,
  options: PassOptions,
  target: TargetOfPass,
  earlier: readonly TargetPlan[],
): Promise<TargetPlan> {
  return deps.store.planning(async (store) => {
    const { plannedReading: reading } = await (await store.target(target.spec.name)).state();
    return planTarget({ ...deps, store }, { ...target, reading, earlier, options: { ...options, full: false } });
  });
}
