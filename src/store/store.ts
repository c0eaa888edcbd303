import type { MembershipSelection } from './candidates/membership-selection-interface.ts';
import type { ApprovalLog } from './journal/approvals-interface.ts';
import type { HoldLog } from './journal/holds-interface.ts';
import type { NewsCandidates, NewsLog } from './journal/news/news-interface.ts';
import type { NameLog, NameRequests } from './journal/names-interface.ts';
import type { Judgements } from '../model/reading/judgement.ts';
import type { Candidate, PlanningScope, RecordRef } from './snapshot/planning-scope.ts';
import type { Instant, RemoteId, SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Outcome, SnapshotChange, RemoteResource } from '../model/outcome.ts';
import type { Counts, Known } from '../model/plan.ts';
import type { SourceRecord } from '../model/record.ts';
import type { PostponedTryStore, Requeue } from '../model/requeue.ts';
import type { KnownState } from '../model/resource.ts';
import type { Note } from './journal/note.ts';
import type { PendingVerification } from '../model/evidence.ts';
import type { RequestCounts } from '../model/target/request-counts.ts';
import type { OperationState, PlannedOperation, StoredOperation } from './journal/stored-operation.ts';
import type { UnansweredCreates, UnansweredRemovals } from './journal/unanswered-interface.ts';
import type { AccountSearch, SourceSearch } from './search/search-interface.ts';
import type { KeptLearned, TargetState } from './snapshot/target-state-interface.ts';
import type { LeaverLookUps } from './snapshot/leaver-look-ups.ts';
import type { ListingCache } from './snapshot/listing-cache-interface.ts';
import type { Orphans } from './snapshot/orphans-interface.ts';
import type { Verifications } from './snapshot/verifications-interface.ts';
import type { BatchLookups } from './snapshot/batch-lookups-interface.ts';
import type { LaneStates } from './lanes/lanes-interface.ts';
import type { Notices } from './lanes/notices-interface.ts';
import type { LockHolder, Lock } from './sqlite/lock.ts';
import type { Mirror } from './mirror/mirror-interface.ts';
import type { FrozenCandidates, Suspensions } from './suspensions/suspensions-interface.ts';
import type { TargetUserGroups } from './user-groups/user-groups-interface.ts';
import type { UniqueValues } from './unique-values/unique-values-interface.ts';
import type { TargetRegistry } from './snapshot/target-registry-interface.ts';
import type { JoinedSources } from './joined/joined-sources-interface.ts';
import type { KeyChangeStore } from './identity/key-change-store-interface.ts';

export type * from './joined/joined-sources-interface.ts';
export type * from './journal/approvals-interface.ts';
export type * from './journal/holds-interface.ts';
export type * from './journal/names-interface.ts';
export type * from './lanes/lanes-interface.ts';
export type * from './lanes/notices-interface.ts';
export type * from './mirror/mirror-interface.ts';
export type * from './snapshot/batch-lookups-interface.ts';
export type * from './search/search-interface.ts';
export type * from './snapshot/planning-scope.ts';
export type * from './snapshot/target-state-interface.ts';
export type * from './snapshot/leaver-look-ups.ts';
export type * from './snapshot/listing-cache-interface.ts';
export type * from './snapshot/orphans-interface.ts';
export type * from './snapshot/verifications-interface.ts';
export type * from './journal/note.ts';
export type * from './journal/stored-operation.ts';
export type * from './journal/unanswered-interface.ts';
export type * from './identity/key-change-store-interface.ts';
export type * from './suspensions/suspensions-interface.ts';
export type * from './user-groups/user-groups-interface.ts';
export type * from './unique-values/unique-values-interface.ts';

/**
 * Everything that scimsync remembers between passes. The interface is asynchronous and works in batches, so that a
 * database server that several workers share could replace SQLite.
 */
export interface Store {
  /** Locks the state for one pass. @throws OperatorError that names the current holder */
  lock(holder: LockHolder): Lock;
  /**
   * Runs `work` in one transaction, which commits completely or not at all. Transactions do not nest. The methods that
   * write between requests (`markSent`, `recordResult`, `save…`, `applyReadBack`, `skipRemaining`, `end`) wait for the
   * end of another lane's transaction; inside a transaction, they are part of it.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction that is always rolled back, for a dry run. */
  dryRun<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` in the caller's transaction. An error takes back what it wrote, and nothing else. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  readonly mirror: Mirror;
  readonly joinedSources: JoinedSources;
  readonly search: SourceSearch;
  readonly journal: Journal;
  target(name: string): Promise<TargetStore>;
  readonly targets: TargetRegistry;
  readonly lanes: LaneStates;
  readonly notices: Notices;
  readonly keyChanges: KeyChangeStore;
  readonly suspensions: Suspensions;
  close(): void;
}

// One target: snapshot and candidates ------------------------------------------------------------------------------

/** The state of one target. */
export interface TargetStore
  extends
    MembershipSelection,
    BatchLookups,
    NameRequests,
    PostponedTryStore,
    AccountSearch,
    FrozenCandidates,
    NewsCandidates {
  readonly name: string;
  state(): Promise<TargetState>;
  saveDiscovery(discovery: object, at: Instant): Promise<void>;
  saveListedAt(at: Instant): Promise<void>;
  /** Users who should have no access are to be compared with the target's list; by a planning. */
  markLeaversUnmatched(): Promise<void>;
  /** They were compared. */
  saveLeaversMatched(): Promise<void>;
  /** Users of the source, present or inactive there, without an account in the snapshot, by page. */
  usersWithoutAccount(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly SourceRecord[]; readonly next: number | undefined }>;
  /** What earlier passes learned from responses and reads. */
  learned(): Promise<KeptLearned>;
  saveLearned(learned: KeptLearned): Promise<void>;
  /** The requests that the quotas of the target count. */
  readonly requestCounts: RequestCounts;
  /** Puts the updates of a pass that the target only answered in doubt, so that the next pass reads them. */
  doubtAnswered(pass: number, resourceType: ResourceType, at: Instant): Promise<void>;

  /** Chooses the candidates; they are then read page by page. */
  selectCandidates(scope: PlanningScope): Promise<void>;
  candidates(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly Candidate[]; readonly next: number | undefined }>;
  /** Adds the users that refer to one of these managers, or wait for one, to the candidates. */
  selectReferrers(managers: readonly SourceKey[]): Promise<void>;
  /** Evaluates these records in the next round; the other candidates stay requeued, for a later planning. */
  requeueSubjects(subjects: readonly RecordRef[]): Promise<void>;
  restrictCandidates(subjects: readonly RecordRef[]): Promise<void>;
  /** One record with its snapshot, whether or not it is a candidate. */
  candidate(resourceType: ResourceType, key: SourceKey): Promise<Candidate>;
  /** Records that a user's manager has no account here yet; undefined: the user waits for no manager. */
  setPendingManager(key: SourceKey, manager: SourceKey | undefined): Promise<void>;

  totals(): Promise<Known>;
  /** Records that the first load has ended. */
  markLoaded(at: Instant): Promise<void>;
  /** Records whether the members of these groups are removed because they left the source or the scope. */
  markEmptied(groups: readonly SourceKey[], isEmptied: boolean): Promise<void>;
  /** This and the following lookups are synchronous, because they run for each operation between two requests. */
  known(resourceType: ResourceType, key: SourceKey): KnownState | undefined;
  remoteIdOf(resourceType: ResourceType, key: SourceKey): RemoteId | undefined;
  owner(resourceType: ResourceType, remoteId: RemoteId): SourceKey | undefined;
  countMembers(group: SourceKey): number;

  /**
   * Records a complete planning: the mirror up to this reading was compared with this mapping.
   * @param moment the time at which it judged dates; undefined: it was no new one
   */
  markPlanned(reading: number, mappingFingerprint: string, moment?: Instant): Promise<void>;
  /** After a clock that was ahead was set right: accounts that became inactive later than now did so now. */
  forgetTimesAfter(now: Instant): Promise<void>;
  hasFollowUps(): Promise<boolean>;
  /** Accounts in doubt: a change was sent and got no response. */
  inDoubt(limit: number): Promise<readonly KnownState[]>;
  /** Stores what the target returned for an account. */
  applyReadBack(known: KnownState, change: SnapshotChange, requeues: readonly Requeue[], at: Instant): Promise<void>;

  /** Removals whose effect is still to be read back. */
  readonly verifications: Verifications;
  /** Accounts that the target's list returned, for the duration of one pass. */
  readonly listingCache: ListingCache;
  readonly leaverLookUps: LeaverLookUps;
  readonly orphans: Orphans;
  readonly userGroups: TargetUserGroups;
  readonly uniqueValues: UniqueValues;
}

// The journal --------------------------------------------------------------------------------------------------------

/** A pass, without its operations. */
export interface PassInfo {
  readonly id: number;
  readonly command: string;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly reading: number | undefined;
  readonly result: string | undefined;
  readonly note: string | undefined;
  /** Why the reading of this pass was refused; undefined: it was not. */
  readonly judgements: Judgements | undefined;
}

/** The meaning of a response, as the caller judged it. */
export interface OperationResult {
  readonly state: OperationState;
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly requeues: readonly Requeue[];
  /** The removal is to be read back. */
  readonly verification?: PendingVerification | undefined;
  readonly requests: number;
  readonly retries: number;
  readonly at: Instant;
}

/** All passes, operations and notes. */
export interface Journal extends HoldLog, NewsLog, NameLog, ApprovalLog, UnansweredRemovals, UnansweredCreates {
  /**
   * Opens a pass. A pass of an earlier process that did not end is closed as interrupted, and its operations without a
   * response become `unknown`. The passes that this process runs stay open.
   */
  begin(command: string, at: Instant): Promise<{ readonly pass: number; readonly interrupted: number }>;
  end(pass: number, at: Instant, result: string, note: string | undefined, refusal?: Judgements): Promise<void>;
  /** Whether a judgement with this code refused a pass that began after that time. */
  wasRefused(code: Judgements[number]['code'], since: Instant): Promise<boolean>;
  /** Whether a pass that ended after that time was refused, for any reason. */
  hasRefusal(since: Instant): Promise<boolean>;
  /** Closes passes that did not end, as `begin` does. */
  closeInterrupted(at: Instant): Promise<void>;
  /** The same for one target of a running pass: its lane failed. */
  closeTarget(pass: number, target: string, at: Instant): Promise<void>;
  /** Records what an operator did to the state by a command, without a pass. `note`: who did what. */
  recordAction(command: string, at: Instant, note: string): Promise<void>;
  setReading(pass: number, reading: number): Promise<void>;
  saveSummary(pass: number, target: string, summary: unknown): Promise<void>;
  add(pass: number, target: string, round: number, operations: readonly PlannedOperation[]): Promise<void>;
  note(pass: number, target: string, notes: readonly Note[]): Promise<void>;
  /** The notes of one pass for one target in the order in which they were written, read page by page. */
  allNotes(pass: number, target: string): AsyncIterable<Note>;
  /**
   * Requeues what this round planned, until there is a response. The other records of its scope leave the queue, except
   * those with a create in doubt.
   */
  requeueRound(pass: number, target: string, round: number, scope: PlanningScope): Promise<void>;
  /** Creates whose manager is created in the same phase, by ascending id, each with the id of the manager's create. */
  managedCreates(
    pass: number,
    target: string,
    round: number,
    phase: number,
    after: number,
    limit: number,
  ): Promise<readonly { readonly create: number; readonly manager: number }[]>;
  setWaves(waves: readonly { readonly operation: number; readonly wave: number }[]): Promise<void>;
  /** Operations in the order of execution. */
  operations(
    pass: number,
    target: string,
    round: number,
    after: StoredOperation | undefined,
    limit: number,
  ): Promise<readonly StoredOperation[]>;
  /** All operations of one round in that order, read page by page: a plan may not fit into memory. */
  allOperations(pass: number, target: string, round: number): AsyncIterable<StoredOperation>;
  counts(pass: number, target: string, round: number): Promise<Counts>;
  /** A record's entries in a pass: its operations, the operations on its memberships, and notes. */
  recordEntries(
    pass: number,
    target: string,
    resourceType: ResourceType,
    key: SourceKey,
  ): Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>;
  /** Whether this pass planned a removal of one of this user's memberships that has not succeeded yet. */
  hasRemainingMemberships(pass: number, target: string, user: SourceKey): boolean;
  /** The number of operations that will be sent: planned, and not held. */
  countPending(pass: number, target: string, round: number): Promise<number>;
  countCreates(pass: number, target: string, round: number, resourceType: ResourceType): Promise<number>;
  /** The operations that failed in an earlier pass with the same edits or body. Leaves out membership operations. */
  failedBefore(operations: readonly number[]): ReadonlySet<number>;
  /** Marks the operations that the pass did not reach before it stopped. @returns their number */
  skipRemaining(pass: number, target: string, detail: string): Promise<number>;
  /** Records an operation as sent. Resolves once the record survives the death of the process; send only then. */
  markSent(operation: number, at: Instant): Promise<void>;
  /** Writes the response, the change to the snapshot and the requeues in one commit. */
  recordResult(pass: number, target: TargetStore, stored: StoredOperation, result: OperationResult): Promise<void>;
}

export type { RemoteResource, LockHolder, Lock, TargetRegistry };
