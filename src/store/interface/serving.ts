import type { Instant, RemoteId, SourceKey } from '../../model/ids.ts';
import type { SnapshotChange } from '../../model/outcome.ts';
import type { Judgements } from '../../model/reading/judgement.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Requeue } from '../../model/requeue.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import type { DriftStore } from '../drift/drift-interface.ts';
import type { NamesBetweenRequests } from '../journal/names-interface.ts';
import type { UnansweredCreates, UnansweredRemovals } from '../journal/unanswered-interface.ts';
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
export interface ServingTarget extends ComparedTarget {
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
  hasFollowUps(): Promise<boolean>;
  /** Accounts in doubt: a change was sent and got no response. */
  inDoubt(limit: number): Promise<readonly KnownState[]>;
  /** Stores what the target returned for an account. */
  applyReadBack(known: KnownState, change: SnapshotChange, requeues: readonly Requeue[], at: Instant): Promise<void>;
  /** Removals whose effect is still to be read back. */
  readonly verifications: Verifications;
  readonly leaverLookUps: LeaverLookUps;
  readonly drift: DriftStore;
}

/** What sending asks and writes in the journal. */
export interface ServingJournal extends JournalView, NamesBetweenRequests, UnansweredRemovals, UnansweredCreates {
  end(pass: number, at: Instant, result: string, note: string | undefined, refusal?: Judgements): Promise<void>;
  /** Closes one target of a running pass, whose lane failed: operations without a response become `unknown`. */
  closeTarget(pass: number, target: string, at: Instant): Promise<void>;
  saveSummary(pass: number, target: string, summary: unknown): Promise<void>;
  /** Marks the operations that the pass did not reach before it stopped. @returns their number */
  skipRemaining(pass: number, target: string, detail: string): Promise<number>;
}
