import type { Approval } from '../model/plan.ts';
import type { Clock } from '../model/clock.ts';
import type { Target } from '../scim/target.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { SourceSpec, TargetSpec } from './spec.ts';

/** What planning is given. Nothing in it can reach a target: this is the dry run. */
export interface PlanDeps {
  readonly store: Store;
  readonly source: SourceSpec;
  /** All targets of the configuration: what any of them uses is kept in the mirror. */
  readonly targets: readonly TargetSpec[];
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface SyncDeps extends PlanDeps {
  readonly connect: (spec: TargetSpec) => Target;
}

export interface PassOptions {
  /** Names of the targets that this pass serves; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Derives and compares everybody, whatever changed. */
  readonly full: boolean;
  readonly approval: Approval;
  /** Removals of so many ms before are judged together with this pass's; undefined: every pass for itself. */
  readonly guardWindowMs?: number | undefined;
  readonly acceptSource: boolean;
  /** For the journal: what was asked, and by whom. */
  readonly command: string;
  readonly note: string | undefined;
}
