import type { TargetMapping } from '../desired/target-mapping.ts';
import type { TargetPlan } from '../model/plan.ts';
import type { PassOptions, PlanDeps } from './pass-deps.ts';
import { planTarget } from './plan-target.ts';
import type { TargetSpec } from './spec.ts';

/** Which go at which target is planned. Round 0 compares what changed; later ones what the answers raised. */
export interface PlanningRound {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
  readonly pass: number;
  readonly round: number;
  /** The reading that the mirror holds. */
  readonly reading: number;
}

/** Plans one round of one target, and tells what came of it. Runs inside the caller's transaction. */
export async function planRound(
  deps: PlanDeps,
  { full, approval, guardWindowMs }: Pick<PassOptions, 'full' | 'approval' | 'guardWindowMs'>,
  round: PlanningRound,
): Promise<TargetPlan> {
  const startedAt = deps.clock.now();
  const { spec } = round;
  const plan = await planTarget(deps, { ...round, full, approval, guardWindowMs, now: startedAt });
  deps.emit({
    type: 'planned',
    target: spec.name,
    operations: plan.cost.requests,
    milliseconds: deps.clock.now() - startedAt,
  });
  if (plan.verdict.kind === 'hold') deps.emit({ type: 'held', target: spec.name, reasons: plan.verdict.reasons });
  return plan;
}
