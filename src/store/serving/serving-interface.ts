import type { PendingVerification } from '../../model/evidence.ts';
import type { Instant, RemoteId, SourceKey } from '../../model/ids.ts';
import type { Member } from '../../model/operation.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import type { RecordKey } from '../../model/record-key.ts';
import type { Requeue } from '../../model/requeue.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { OperationState, StoredOperation } from '../journal/stored-operation.ts';

/**
 * Serves the execution at one target. Work comes in pages that need nothing else, and results go back in pages: each
 * call is one round trip to a database, and nothing is read for a single operation between two requests.
 *
 *     nextPage ─→ operations with all that sending needs ─→ requests ─→ save: marks and results of many operations
 *
 * The other methods serve rare cases that no page foresees.
 */
export interface Serving {
  /** The next planned operations of a round. All are of one wave: each may be sent beside the others. */
  nextPage(round: RoundOfPass, position: PagePosition, options: PageOptions): Promise<WorkPage>;
  /** What these operations need now. */
  pageOf(pass: number, operations: readonly StoredOperation[], options: PageOptions): Promise<WorkPage>;
  /**
   * Writes marks and results in one commit: what the responses meant, the changes to the snapshot, and the requeues.
   * Resolves once they survive the death of the process. Send an operation only after its mark.
   *
   * @returns the results that were not written, because another record owns the account
   */
  save(pass: number, results: ResultPage): Promise<readonly ForeignAccount[]>;

  /** The records that own these accounts, in the same order; undefined: no record does. */
  owners(accounts: readonly AccountId[]): Promise<readonly (SourceKey | undefined)[]>;
  /** All acknowledged members of a group that have an account, for a request that writes the whole group. */
  membersOf(group: SourceKey, withNames: boolean): Promise<GroupMembers>;
  /** Active users at the target that this pass does not change, and whose accounts should be there. */
  controlAccounts(pass: number, limit: number): Promise<readonly KnownState[]>;
}

/** A round of a pass at the target. */
export interface RoundOfPass {
  readonly pass: number;
  readonly round: number;
}

/** Where a page begins: after this operation, in its wave or in the wave after it; undefined: at the first wave. */
export interface PagePosition {
  readonly after: Pick<StoredOperation, 'id' | 'phase' | 'wave'> | undefined;
  readonly wave: 'same' | 'next';
  /** At most this number of operations. */
  readonly limit: number;
}

/** What the requests of a target need besides ids. */
export interface PageOptions {
  /** The display names of members. */
  readonly withNames: boolean;
  /** Ids of some unchanged members of each group that gets others, at most this number. */
  readonly witnesses: number;
}

/** Operations with all that sending needs. Records without a value are not in the maps. */
export interface WorkPage {
  readonly operations: readonly StoredOperation[];
  /** The accounts of their records, and of the records for whose names they wait. */
  readonly known: ReadonlyMap<RecordKey, KnownState>;
  /** The ids of members and managers. */
  readonly ids: ReadonlyMap<RecordKey, RemoteId>;
  /** The display names of members. */
  readonly names: ReadonlyMap<RecordKey, string>;
  /** Creates that an earlier pass sent and that got no response. */
  readonly unansweredCreates: ReadonlyMap<RecordKey, CreateInDoubt>;
  /** The last create of each record whose account is searched. */
  readonly lastCreates: ReadonlyMap<RecordKey, LastCreate>;
  /** The operations that failed in an earlier pass with the same edits or body, by id. */
  readonly failedBefore: ReadonlySet<number>;
  /** By the id of a membership operation. */
  readonly memberships: ReadonlyMap<number, KnownMemberships>;
  /** Users to delete, with a membership whose removal this pass planned and that has not succeeded yet. */
  readonly remainingMemberships: ReadonlySet<RecordKey>;
}

/** A create that was sent and got no response. */
export interface CreateInDoubt {
  /** Undefined: the journal has it no more. */
  readonly body: FlatResource | undefined;
  readonly sentAt: Instant | undefined;
}

/** The last create of a record that did not end with an account. */
export interface LastCreate {
  readonly sentAt: Instant;
  /** Of the refusal; undefined: no answer came. */
  readonly status: number | undefined;
  /** The first look-up after it that found nothing; undefined: there was none before this pass. */
  readonly firstEmptyAt: Instant | undefined;
}

/** What is known about the memberships that an operation changes. */
export interface KnownMemberships {
  /** Members to add that the target acknowledged before. */
  readonly existing: ReadonlySet<RecordKey>;
  /** Memberships in doubt, by an earlier request for the same change that got no proof of its effect. */
  readonly inDoubt: ReadonlySet<RecordKey>;
  /** Ids of some acknowledged members of the group. */
  readonly witnesses: readonly RemoteId[];
}

/** The marks and results of many operations. */
export interface ResultPage {
  /** The ids of operations that are sent next. */
  readonly sent: readonly number[];
  readonly sentAt: Instant;
  readonly results: readonly OperationResult[];
}

/** The meaning of a response, as the caller judged it. */
export interface OperationResult {
  readonly stored: StoredOperation;
  readonly state: OperationState;
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly requeues: readonly Requeue[];
  /** The id that the response gives the account. If another record owns it, the result is not written. */
  readonly claimedId?: RemoteId | undefined;
  /** The removal is to be read back. */
  readonly verification?: PendingVerification | undefined;
  readonly requests: number;
  readonly retries: number;
  readonly at: Instant;
}

/** A result that names the account of another record. */
export interface ForeignAccount {
  readonly result: OperationResult;
  readonly owner: SourceKey;
}

/** An account at the target. */
export interface AccountId {
  readonly resourceType: ResourceType;
  readonly id: RemoteId;
}

/** The members of a group, with their display names if they were asked for. */
export interface GroupMembers {
  readonly members: readonly { readonly member: Member; readonly id: RemoteId }[];
  readonly names: ReadonlyMap<RecordKey, string>;
}
