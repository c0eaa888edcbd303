import type { LeaverPolicy } from '../model/leaver-policy.ts';
import type { Limits } from '../model/plan.ts';
import type { Profile } from '../model/profile.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Columns, Source } from '../source/source.ts';
import type { SanityLimits } from '../plan/sanity.ts';

/** One target, as far as planning needs it: nothing here can reach it. */
export interface TargetSpec {
  readonly name: string;
  readonly profile: Profile;
  readonly leavers: LeaverPolicy;
  readonly guard: Limits;
  readonly adopt: boolean;
  /** Mapping, scope and protection, compiled for the attributes that the source has. @throws OperatorError */
  readonly compileMapping: (columns: Columns) => TargetMapping;
}

export interface SourceSpec {
  readonly source: Source;
  readonly groupsFromColumn: boolean;
  readonly sanity: SanityLimits;
  /** After so long everything is read again, even where the source could say what changed. */
  readonly fullEveryMs: number;
}
