import type { Rules } from '../desired/rules.ts';
import type { TargetPlan } from '../model/plan.ts';
import type { PassOptions, PlanIo } from './pass-io.ts';
import { planTarget } from './plan-target.ts';
import type { TargetSpec } from './spec.ts';

/** Which go at which target is planned. Round 0 compares what changed; later ones what the answers raised. */
export interface PlannedRound {
  readonly spec: TargetSpec;
  readonly rules: Rules;
  readonly pass: number;
  readonly round: number;
  /** The reading that the mirror holds. */
  readonly reading: number;
}

/** Plans one round of one target, and tells what came of it. Runs inside the caller's transaction. */
export async function planRound(
  io: PlanIo,
  { full, approval, guardWindowMs }: Pick<PassOptions, 'full' | 'approval' | 'guardWindowMs'>,
  round: PlannedRound,
): Promise<TargetPlan> {
  const began = io.clock.now();
  const { spec } = round;
  const plan = await planTarget(io, { ...round, full, approval, guardWindowMs, now: began });
  io.emit({ type: 'planned', target: spec.name, operations: plan.cost.requests, milliseconds: io.clock.now() - began });
  if (plan.verdict.kind === 'hold') io.emit({ type: 'held', target: spec.name, reasons: plan.verdict.reasons });
  return plan;
}
