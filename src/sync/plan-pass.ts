import type { TargetPlan } from '../model/plan.ts';
import type { PassTransaction } from '../store/store.ts';
import type { PassInputs, PassOptions, PlanningDeps } from './context.ts';
import { heldEmptySource } from './guard/empty-source.ts';
import { openPass, type OpenedPass } from './open-pass.ts';
import { planTarget, type EarlyRounds } from './plan-target.ts';
import type { PreparedTarget } from './reading/stage-sources.ts';
import { decideSubjects, type SubjectDecision } from './subjects/decide-subject.ts';

/** A pass whose targets are planned. */
export interface PlannedPass extends Omit<OpenedPass, 'prepared' | 'approvals' | 'subjects' | 'reading' | 'targets'> {
  readonly plans: readonly TargetPlan[];
  /** Why a pass for one user or group has nothing to send to some targets. */
  readonly decisions: readonly SubjectDecision[];
}

/** A planned pass with what execution needs. */
export interface PreparedPass extends PlannedPass, Pick<OpenedPass, 'prepared' | 'approvals' | 'subjects'> {}

/**
 * Opens a pass in the journal, reads the source, and plans round 0 of each target. Runs inside the caller's
 * transaction.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function planPass(
  deps: PassInputs & { readonly store: PassTransaction },
  options: PassOptions,
  stop: AbortSignal,
): Promise<OpenedPass & PreparedPass> {
  const opened = await openPass(deps, options, stop);
  const plans: TargetPlan[] = [];
  const decisions: SubjectDecision[] = [];
  for (const target of opened.targets) {
    stop.throwIfAborted();
    const plan = await planOne(deps, options, opened, target);
    plans.push(plan);
    decisions.push(...(await decideSubjects(deps, opened, target, plan)));
  }
  return { ...opened, plans, decisions };
}

/** Plans round 0 of one target of a pass. Runs inside the caller's transaction. */
export async function planOne(
  deps: PlanningDeps,
  options: PassOptions,
  { pass, reading, approvals, subjects, isEmpty }: OpenedPass,
  target: PreparedTarget,
  early?: EarlyRounds,
): Promise<TargetPlan> {
  if (isEmpty) return heldEmptySource(deps.store, target.spec, deps.emit);
  if (subjects !== undefined) await (await deps.store.target(target.spec.name)).requeueSubjects(subjects);
  return planTarget(deps, { ...target, pass, reading, earlier: [], options, approvals, subjects, early });
}
