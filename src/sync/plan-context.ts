import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant, SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Profile } from '../model/profile.ts';
import type { FlatResource } from '../model/resource.ts';
import type { DiffOptions } from '../plan/diff.ts';
import type { Candidate, PlannedOperation, TargetStore } from '../store/store.ts';
import type { PlannedStates } from './evaluate-record.ts';

/** What the steps of one planning share. */
export interface PlanContext {
  readonly store: TargetStore;
  readonly mapping: TargetMapping;
  readonly diffOptions: DiffOptions;
  readonly profile: Profile;
  readonly now: Instant;
  readonly plannedStates: PlannedStates;
  /** Whether anybody here has ever waited for a manager, so that it must be noted that they no longer do. */
  readonly hasPendingManagers: boolean;
  add(operations: readonly PlannedOperation[]): Promise<void>;
  note(
    candidate: Candidate | { readonly resourceType: ResourceType; readonly key: SourceKey; readonly name: string },
    text: string,
    problem: boolean,
  ): undefined;
  /** What an unanswered create would have made. */
  unansweredCreate(resourceType: ResourceType, key: SourceKey): Promise<FlatResource | undefined>;
  /** Lets signals and other targets have their turn. */
  yieldToEventLoop(): Promise<void>;
}
