import type { Rules } from '../desired/rules.ts';
import type { Instant, SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Profile } from '../model/profile.ts';
import type { Body } from '../model/resource.ts';
import type { DiffRules } from '../plan/diff.ts';
import type { Candidate, PlannedOperation, TargetStore } from '../store/store.ts';
import type { Fates } from './standing.ts';

/** What the steps of one planning share. */
export interface Planning {
  readonly store: TargetStore;
  readonly rules: Rules;
  readonly diffRules: DiffRules;
  readonly profile: Profile;
  readonly now: Instant;
  readonly fates: Fates;
  /** Whether anybody here has ever waited for a manager, so that it must be noted that they no longer do. */
  readonly mayWait: boolean;
  add(operations: readonly PlannedOperation[]): Promise<void>;
  note(
    candidate: Candidate | { readonly kind: Kind; readonly key: SourceKey; readonly name: string },
    text: string,
    problem: boolean,
  ): undefined;
  /** What an unanswered create would have made. */
  unanswered(kind: Kind, key: SourceKey): Promise<Body | undefined>;
  /** Lets signals and other targets have their turn. */
  breathe(): Promise<void>;
}
