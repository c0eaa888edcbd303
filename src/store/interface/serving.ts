import type { PendingVerification } from '../../model/evidence.ts';
import type { Instant, RemoteId, SourceKey } from '../../model/ids.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import type { Judgements } from '../../model/reading/judgement.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Requeue } from '../../model/requeue.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import type { NamesBetweenRequests } from '../journal/names-interface.ts';
import type { OperationState, StoredOperation } from '../journal/stored-operation.ts';
import type { UnansweredCreates, UnansweredRemovals } from '../journal/unanswered-interface.ts';
import type { BatchLookups } from '../snapshot/batch-lookups-interface.ts';
import type { LeaverLookUps } from '../snapshot/leaver-look-ups.ts';
import type { ListingCache } from '../snapshot/listing-cache-interface.ts';
import type { OrphanListing, OrphanView } from '../snapshot/orphans-interface.ts';
import type { KeptLearned } from '../snapshot/target-state-interface.ts';
import type { Verifications } from '../snapshot/verifications-interface.ts';
import type { FrozenCandidates } from '../suspensions/suspensions-interface.ts';
import type { UserGroupLookups } from '../user-groups/user-groups-interface.ts';
import type { JournalView, TargetView } from './state-view.ts';

/** What the comparison of a target's list with the snapshot asks and writes. */
export interface ComparedTarget extends TargetView, Pick<FrozenCandidates, 'frozenUsers'> {
  /** Accounts that the target's list returned, for the duration of one pass. */
  readonly listingCache: ListingCache;
  readonly orphans: OrphanView & OrphanListing;
  readonly userGroups: UserGroupLookups;
  /** Users of the source, present or inactive there, without an account in the snapshot, by page. */
  usersWithoutAccount(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly SourceRecord[]; readonly next: number | undefined }>;
  /** The record whose account has this id. Synchronous: the comparison asks for single accounts. */
  owner(resourceType: ResourceType, remoteId: RemoteId): SourceKey | undefined;
  /** The requests that the quotas of the target count. */
  readonly requestCounts: RequestCounts;
}

/**
 * What sending to one target asks and writes, between requests and outside of a planning. Each write resolves once it
 * survives the death of the process.
 */
export interface ServingTarget extends ComparedTarget, BatchLookups {
  saveDiscovery(discovery: object, at: Instant): Promise<void>;
  saveListedAt(at: Instant): Promise<void>;
  /** The users who should have no access were compared with the target's list. */
  saveLeaversMatched(): Promise<void>;
  /** What earlier passes learned from responses and reads. */
  learned(): Promise<KeptLearned>;
  saveLearned(learned: KeptLearned): Promise<void>;
  /** Puts the updates of a pass that the target only answered in doubt, so that the next pass reads them. */
  doubtAnswered(pass: number, resourceType: ResourceType, at: Instant): Promise<void>;
  /** Records that the first load has ended. */
  markLoaded(at: Instant): Promise<void>;
  /** Synchronous, because it runs for single operations between two requests. */
  remoteIdOf(resourceType: ResourceType, key: SourceKey): RemoteId | undefined;
  hasFollowUps(): Promise<boolean>;
  /** Accounts in doubt: a change was sent and got no response. */
  inDoubt(limit: number): Promise<readonly KnownState[]>;
  /** Stores what the target returned for an account. */
  applyReadBack(known: KnownState, change: SnapshotChange, requeues: readonly Requeue[], at: Instant): Promise<void>;
  /** Removals whose effect is still to be read back. */
  readonly verifications: Verifications;
  readonly leaverLookUps: LeaverLookUps;
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

/** What sending asks and writes in the journal. */
export interface ServingJournal extends JournalView, NamesBetweenRequests, UnansweredRemovals, UnansweredCreates {
  end(pass: number, at: Instant, result: string, note: string | undefined, refusal?: Judgements): Promise<void>;
  /** Closes one target of a running pass, whose lane failed: operations without a response become `unknown`. */
  closeTarget(pass: number, target: string, at: Instant): Promise<void>;
  saveSummary(pass: number, target: string, summary: unknown): Promise<void>;
  /** Whether this pass planned a removal of one of this user's memberships that has not succeeded yet. */
  hasRemainingMemberships(pass: number, target: string, user: SourceKey): boolean;
  /** The operations that failed in an earlier pass with the same edits or body. Leaves out membership operations. */
  failedBefore(operations: readonly number[]): ReadonlySet<number>;
  /** Marks the operations that the pass did not reach before it stopped. @returns their number */
  skipRemaining(pass: number, target: string, detail: string): Promise<number>;
  /** Records an operation as sent. Resolves once the record survives the death of the process; send only then. */
  markSent(operation: number, at: Instant): Promise<void>;
  /** Writes the response, the change to the snapshot and the requeues in one commit. */
  recordResult(pass: number, target: ServingTarget, stored: StoredOperation, result: OperationResult): Promise<void>;
}
