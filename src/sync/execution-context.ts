import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Clock } from '../model/clock.ts';
import type { Target } from '../scim/target.ts';
import type { Journal, TargetStore } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { TargetSpec } from './spec.ts';

/** What carrying out is given: the only part of a pass that can reach a target. */
export interface ExecutionDeps {
  readonly journal: Journal;
  readonly store: TargetStore;
  readonly target: Target;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** One go at one target's operations: what was planned, or what the answers to that raised. */
export interface ExecutionRound {
  readonly pass: number;
  readonly round: number;
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
}
