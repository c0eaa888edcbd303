import type { TargetPlan } from '../../model/plan.ts';
import { maxRounds, type PassOptions, type SyncDeps } from '../context.ts';
import type { Emit } from '../events.ts';
import type { OpenedPass, PreparedTarget } from '../plan-pass.ts';
import { planTarget } from '../plan-target.ts';
import { openTargetRun, reportUnsent, type TargetReport } from '../run-target.ts';

/**
 * Rounds at one target: plan, execute, and the same for the follow-ups of the responses.
 *
 *     round 0    what changed
 *     round 1…   adopted accounts that differ, members of adopted groups, mutual references
 */
export async function syncTarget(
  deps: SyncDeps,
  options: PassOptions,
  target: TargetOfPass,
  firstPlan: TargetPlan,
  stop: AbortSignal,
): Promise<TargetReport> {
  reportFrozen(deps.emit, firstPlan);
  const hasWork = firstPlan.cost.requests > 0 || firstPlan.hasUnmatchedLeavers;
  const isAsked = options.full && target.spec.profile.protocol.discovery !== 'off';
  if (!hasWork && !isAsked && !(await hasDueVerifications(deps, target))) return reportUnsent(deps, target, firstPlan);
  const run = await openTargetRun(deps, { ...target, isFull: options.full }, stop);
  try {
    const plans: TargetPlan[] = [];
    for (let round = 0; round < maxRounds; round += 1) {
      const plan = round === 0 ? firstPlan : await planFollowUps(deps, options, target, plans);
      plans.push(plan);
      await run.execute(round, plan);
      if (!(await run.hasFollowUps())) break;
    }
    return await run.finish(plans);
  } finally {
    run.close();
  }
}

/** The operations that are not sent because their users are frozen. */
function reportFrozen(emit: Emit, { target, frozen }: TargetPlan): void {
  const result = {
    result: 'held',
    code: 'user.frozen',
    detail: 'frozen',
    status: undefined,
    evidence: undefined,
  } as const;
  for (const operation of frozen.operations) emit({ type: 'operation', target, operation, ...result });
}

/** A target with what its lane needs of the pass. */
export type TargetOfPass = PreparedTarget & Pick<OpenedPass, 'pass' | 'approvals' | 'isEmpty' | 'subjects'>;

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
  return deps.store.transaction(async () => {
    const { plannedReading: reading } = await (await deps.store.target(target.spec.name)).state();
    return planTarget(deps, { ...target, reading, earlier, options: { ...options, full: false } });
  });
}
