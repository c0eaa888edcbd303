import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Clock } from '../model/clock.ts';
import type { LeaverPolicy } from '../model/leaver-policy.ts';
import type { Approval, Limits } from '../model/plan.ts';
import type { Profile } from '../model/profile.ts';
import type { SanityLimits } from '../plan/sanity.ts';
import type { Target } from '../scim/target.ts';
import type { Columns, Source } from '../source/source.ts';
import type { Journal, Store, TargetStore } from '../store/store.ts';
import type { Emit } from './events.ts';

/** One target, as far as planning needs it: nothing in it can reach the target. */
export interface TargetSpec {
  readonly name: string;
  readonly profile: Profile;
  readonly leavers: LeaverPolicy;
  readonly guard: Limits;
  /** Whether an account that exists already may be taken over. */
  readonly adopt: boolean;
  /** Compiles mapping, scope and protection for the attributes that the source has. @throws OperatorError */
  readonly compileMapping: (columns: Columns) => TargetMapping;
}

export interface SourceSpec {
  readonly source: Source;
  /** Groups and memberships come from a column of the users' rows. */
  readonly groupsFromColumn: boolean;
  readonly sanity: SanityLimits;
  /** After this many ms the next reading is a full one, even where the source can report changes. */
  readonly fullEveryMs: number;
}

/** What the caller asks of one pass. */
export interface PassOptions {
  /** Names of the targets that this pass serves; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Derives and compares every record, changed or not. */
  readonly full: boolean;
  readonly approval: Approval;
  /** The guard counts removals of the last `guardWindowMs` together with this pass's; undefined: each pass alone. */
  readonly guardWindowMs?: number | undefined;
  readonly acceptSource: boolean;
  /** For the journal: the command line, and who started it. */
  readonly command: string;
  readonly note: string | undefined;
}

/** What planning is given. Nothing in it can reach a target: this is the dry run. */
export interface PlanDeps {
  readonly store: Store;
  readonly source: SourceSpec;
  /** All targets of the configuration: the mirror keeps each attribute that any of them uses. */
  readonly targets: readonly TargetSpec[];
  readonly clock: Clock;
  readonly emit: Emit;
}

/** What a pass is given that also sends. */
export interface SyncDeps extends PlanDeps {
  readonly connect: (spec: TargetSpec) => Target;
}

/** What execution is given at one target: the only part of a pass that can reach it. */
export interface ExecutionDeps {
  readonly journal: Journal;
  readonly store: TargetStore;
  readonly target: Target;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** One round of one target: round 0 is the plan, later rounds are what the responses raised. */
export interface ExecutionRound {
  readonly pass: number;
  readonly round: number;
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
}
