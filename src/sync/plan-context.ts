import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant, SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Profile } from '../model/profile.ts';
import type { FlatResource } from '../model/resource.ts';
import type { Candidate, PlannedOperation, RecordRef, PlanningTarget } from '../store/store.ts';
import type { ClockDoubt } from '../plan/guard/clock-jump.ts';
import type { PostponedTries } from '../plan/postponed-tries.ts';
import type { EvaluationOptions } from './evaluate-record.ts';
import type { PlannedStates } from './planned-states.ts';
import type { FrozenUsers } from './suspensions/frozen-users.ts';
import type { AddGroups } from './user-groups/add-groups.ts';

/** What the steps of planning one target share. */
export interface PlanContext {
  readonly pass: number;
  readonly store: PlanningTarget;
  readonly mapping: TargetMapping;
  readonly diffOptions: EvaluationOptions;
  readonly profile: Profile;
  readonly now: Instant;
  /** Collects the deletions that are due by time only; undefined: the clock is not in doubt. */
  readonly deletionsInDoubt: { readonly doubt: ClockDoubt; readonly users: Set<SourceKey> } | undefined;
  readonly plannedStates: PlannedStates;
  readonly addGroups: AddGroups;
  /** The only records that are planned; undefined: all candidates. */
  readonly subjects?: readonly RecordRef[] | undefined;
  readonly frozen: FrozenUsers;
  readonly postponedTries: PostponedTries;
  /** Whether users at this target may have a pending manager. If not, no pending manager needs to be removed. */
  readonly hasPendingManagers: boolean;
  /** Records planned operations in the journal. */
  add(operations: readonly PlannedOperation[]): Promise<void>;
  /** Takes back the operation of a record, if it was recorded in this planning. */
  withdraw(resourceType: ResourceType, key: SourceKey): Promise<void>;
  /** Notes a message about a record. `problem`: the record does not fit the target. */
  note(
    candidate: Candidate | { readonly resourceType: ResourceType; readonly key: SourceKey; readonly name: string },
    text: string,
    problem: boolean,
  ): undefined;
  /** A user should have no access and has no known account: the target may hold one that scimsync never saw. */
  addUnknownLeaver(key: SourceKey): void;
  /** The body of a create that received no response; undefined: there is no such create. */
  unansweredCreate(resourceType: ResourceType, key: SourceKey): Promise<FlatResource | undefined>;
  /** Writes collected notes, and ends a slice of the planning: signals, requests and other targets run. */
  nextSlice(): Promise<void>;
}
