import type { Instant, RemoteId, SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Member, Operation } from '../model/operation.ts';
import type { Outcome, SnapshotChange, RemoteResource } from '../model/outcome.ts';
import type { RecordKey } from '../model/record-key.ts';
import type { Counts, Totals } from '../model/plan.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Requeue } from '../model/requeue.ts';
import type { FlatResource, KnownState } from '../model/resource.ts';
import type { LockHolder, Lock } from './sqlite/lock.ts';
import type { Mirror } from './mirror/mirror-interface.ts';

export type * from './mirror/mirror-interface.ts';

/**
 * What we remember. Asynchronous and in batches, so that the same state can one day stand in a database server
 * that several workers share; SQLite is the default.
 */
export interface Store {
  /** @throws OperatorError that names the holder */
  lock(holder: LockHolder): Lock;
  /**
   * Runs `work` in one transaction: all of it becomes true together, or none of it. Transactions do not nest, and what is written
   * between requests (`markSent`, `recordResult`, `save…`, `applyReadBack`, `skipRemaining`, `end`) waits for the end of one: planning does not use them.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction that is taken back whatever happens: the dry run's world without writes. */
  dryRun<T>(work: () => Promise<T>): Promise<T>;
  readonly mirror: Mirror;
  readonly journal: Journal;
  target(name: string): Promise<TargetStore>;
  close(): void;
}

// One target: snapshot, and what must be looked at ----------------------------------------------------------------

export interface TargetState {
  readonly plannedReading: number;
  readonly mappingFingerprint: string;
  readonly discovery: unknown;
  readonly listedAt: Instant | undefined;
}

/** Which records a planning looks at. */
export type PlanningScope =
  | { readonly kind: 'full'; readonly inactiveBefore: Instant | undefined }
  /** Changed since `after`, requeued, or deactivated before `inactiveBefore`. */
  | { readonly kind: 'changed'; readonly after: number; readonly inactiveBefore: Instant | undefined }
  /** Only what answers of the running pass raised. */
  | { readonly kind: 'followUp' };

export interface Candidate {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** Undefined where the source no longer has it. */
  readonly record: SourceRecord | undefined;
  readonly known: KnownState | undefined;
  /** An earlier create of it was sent and never answered. */
  readonly isCreateInDoubt: boolean;
  /** Its last operation did not succeed. */
  readonly isRequeued: boolean;
}

/** One membership to compare: whether the source has it, and whether the target acknowledged it. */
export interface MembershipCandidate {
  readonly group: SourceKey;
  readonly member: SourceKey;
  readonly memberType: ResourceType;
  readonly isDesired: boolean;
  readonly isKnown: boolean;
  /** A change of it was sent and never answered. */
  readonly isInDoubt: boolean;
}

export interface PlannedOperation {
  readonly operation: Operation;
  readonly phase: number;
  readonly wave: number;
  /** Changes a userName or an e-mail address that somebody has. */
  readonly isRenaming: boolean;
}

export interface StoredOperation extends PlannedOperation {
  readonly id: number;
  readonly state: OperationState;
}

export type OperationState = 'planned' | 'held' | 'sent' | 'done' | 'adopted' | 'failed' | 'unknown' | 'skipped';

/**
 * What operations need before they are sent, for many records by one statement each. Records without an entry are absent. They answer
 * at once: they are asked between two requests.
 */
export interface BatchLookups {
  knownStates(records: readonly Member[]): ReadonlyMap<RecordKey, KnownState>;
  remoteIds(records: readonly Member[]): ReadonlyMap<RecordKey, RemoteId>;
  /** Records whose create was sent in an earlier pass and not answered. */
  createsInDoubt(records: readonly Member[]): ReadonlySet<RecordKey>;
  /** Those that the target acknowledged as members of the group, and that are not in doubt since. */
  existingMembers(group: SourceKey, members: readonly Member[]): ReadonlySet<RecordKey>;
  /** All acknowledged members of a group that have an account. */
  membersWithIds(group: SourceKey): readonly { readonly member: Member; readonly id: RemoteId }[];
}

export interface TargetStore extends BatchLookups {
  readonly name: string;
  state(): Promise<TargetState>;
  saveDiscovery(discovery: unknown): Promise<void>;
  saveListedAt(at: Instant): Promise<void>;

  /** Chooses the candidates; they are then read page by page. */
  selectCandidates(scope: PlanningScope): Promise<void>;
  candidates(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly Candidate[]; readonly next: number | undefined }>;
  /** People who wait for one of these managers, or point to one of them, become candidates too. */
  selectReferrers(managers: readonly SourceKey[]): Promise<void>;
  /** One record with what is known of it, candidate or not. */
  candidate(resourceType: ResourceType, key: SourceKey): Promise<Candidate>;
  /** Notes that a person's manager is not at this target yet; undefined: nobody is waited for. */
  setPendingManager(key: SourceKey, manager: SourceKey | undefined): Promise<void>;

  /**
   * Chooses memberships: those that the extent names, all of the people who were candidates, and all of these groups.
   *
   * @param maxMembers members that a group may have there; all memberships of a group that is full are chosen where one of them is, since its place may become free
   */
  selectMemberships(scope: PlanningScope, groups: Iterable<SourceKey>, maxMembers?: number): Promise<void>;
  memberships(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly MembershipCandidate[]; readonly next: number | undefined }>;

  knownByName(resourceType: ResourceType, foldedName: string): Promise<readonly KnownState[]>;
  totals(): Promise<Totals['known']>;
  countActiveUsers(): Promise<number>;
  /** These answer at once: they are asked for every operation, between two requests. */
  known(resourceType: ResourceType, key: SourceKey): KnownState | undefined;
  /** An earlier create of it was sent and never answered. */
  isCreateInDoubt(resourceType: ResourceType, key: SourceKey): boolean;
  remoteIdOf(resourceType: ResourceType, key: SourceKey): RemoteId | undefined;
  owner(resourceType: ResourceType, remoteId: RemoteId): SourceKey | undefined;
  /** Acknowledged, and not in doubt since. */
  isMember(group: SourceKey, member: Member): boolean;
  membersOf(group: SourceKey): readonly Member[];
  countMembers(group: SourceKey): number;

  /** Records that a planning was complete: the mirror up to this reading was compared by these rules. */
  markPlanned(reading: number, mappingFingerprint: string): Promise<void>;
  hasFollowUps(): Promise<boolean>;
  /** Accounts of which it is not known what the target holds: a change of them was sent and never answered. */
  inDoubt(limit: number): Promise<readonly KnownState[]>;
  /** Remembers what a reading of the target showed, and looks at the record once more in this pass. */
  applyReadBack(known: KnownState, change: SnapshotChange, at: Instant): Promise<void>;

  /** Accounts that were found at the target, set aside while one pass may need them. */
  readonly listingCache: ListingCache;
}

/** What a listing found, so that accounts which exist are adopted without a look-up each. */
export interface ListingCache {
  clear(resourceType: ResourceType): Promise<void>;
  add(resourceType: ResourceType, resources: readonly RemoteResource[]): Promise<void>;
  /** At most two: more than one is already no answer. */
  find(resourceType: ResourceType, attribute: string, value: string): readonly RemoteResource[];
}

// The journal --------------------------------------------------------------------------------------------------------

export interface PassInfo {
  readonly id: number;
  readonly command: string;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly reading: number | undefined;
  readonly result: string | undefined;
  readonly note: string | undefined;
}

/** What a response means, decided by the caller. */
export interface OperationResult {
  readonly state: OperationState;
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly requeues: readonly Requeue[];
  readonly requests: number;
  readonly retries: number;
  readonly at: Instant;
}

/** What a planning found that is no operation. */
export interface Note {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly name: string;
  readonly text: string;
  /** Somebody has to mend something. */
  readonly problem: boolean;
}

export interface Journal {
  /** Opens a pass, `isApproved` where an operator lets its removals through; an earlier one that never ended is closed as interrupted, and its unanswered operations become unknown. */
  begin(
    command: string,
    at: Instant,
    isApproved?: boolean,
  ): Promise<{ readonly pass: number; readonly interrupted: number }>;
  end(pass: number, at: Instant, result: string, addNotes: string | undefined): Promise<void>;
  setReading(pass: number, reading: number): Promise<void>;
  saveSummary(pass: number, target: string, summary: unknown): Promise<void>;
  add(pass: number, target: string, round: number, operations: readonly PlannedOperation[]): Promise<void>;
  note(pass: number, target: string, notes: readonly Note[]): Promise<void>;
  /** The notes of one pass for one target in the order in which they were written, read page by page. */
  allNotes(pass: number, target: string): AsyncIterable<Note>;
  /**
   * What this round planned stays requeued until it is answered; whatever else its scope looked at is not requeued any more.
   * That a create was left unanswered is not forgotten.
   */
  requeueRound(pass: number, target: string, round: number, scope: PlanningScope): Promise<void>;
  /** Removals that this target acknowledged since then in other passes, except in passes that an operator approved. */
  removedSince(target: string, since: Instant, currentPass: number): Promise<Totals['removals']>;
  /** Creates of one phase whose manager is created in the same phase, by ascending id: the id of each, and of the manager's create. */
  managedCreates(
    pass: number,
    target: string,
    round: number,
    phase: number,
    after: number,
    limit: number,
  ): Promise<readonly { readonly create: number; readonly manager: number }[]>;
  setWaves(waves: readonly { readonly operation: number; readonly wave: number }[]): Promise<void>;
  /** Moves the members that these operations add to an operation of their own each. */
  splitAdditions(operations: readonly number[]): Promise<void>;
  hold(operations: readonly number[]): Promise<void>;
  /** Operations in the order in which they are carried out. */
  operations(
    pass: number,
    target: string,
    round: number,
    after: StoredOperation | undefined,
    limit: number,
  ): Promise<readonly StoredOperation[]>;
  /** All operations of one round in that order, read page by page: a plan can be longer than memory. */
  allOperations(pass: number, target: string, round: number): AsyncIterable<StoredOperation>;
  counts(pass: number, target: string, round: number): Promise<Counts>;
  /** What a pass holds for one record: its operations, the memberships that it is part of, and notes. */
  recordEntries(
    pass: number,
    target: string,
    resourceType: ResourceType,
    key: SourceKey,
  ): Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>;
  /** Whether a removal of this person's memberships, planned in this pass, has not succeeded. */
  hasRemainingMemberships(pass: number, target: string, user: SourceKey): boolean;
  /** How many operations are to be sent: planned, and not held. */
  countPending(pass: number, target: string, round: number): Promise<number>;
  countCreates(pass: number, target: string, round: number, resourceType: ResourceType): Promise<number>;
  /** What the last create of it would have made. */
  unansweredCreate(target: string, resourceType: ResourceType, key: SourceKey): Promise<FlatResource | undefined>;
  /** Those of these operations that failed in an earlier pass with the same edits or body. Membership operations never count. */
  failedBefore(operations: readonly number[]): ReadonlySet<number>;
  /** Operations that were planned and never sent because the pass stopped before. */
  skipRemaining(pass: number, target: string, detail: string): Promise<number>;
  /** Recorded before it is sent; resolves once that is durable against the death of the process. */
  markSent(operation: number, at: Instant): Promise<void>;
  /** The response and what it means for the snapshot and for what is compared again, in one commit. */
  recordResult(pass: number, target: TargetStore, stored: StoredOperation, result: OperationResult): Promise<void>;
}

export type { RemoteResource, LockHolder, Lock };
