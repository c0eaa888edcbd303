import type { Instant, RemoteId, SourceKey } from '../../model/ids.ts';
import type { RecordKey } from '../../model/record-key.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';
import type { Drift, DriftPosition } from '../../model/target/drift.ts';
import type { Member } from '../../model/operation.ts';
import type { RecordRef } from '../snapshot/planning-scope.ts';

/** A difference with its times. */
export interface DriftRecord extends Drift {
  readonly target: string;
  readonly foundAt: Instant;
  readonly seenAt: Instant;
  /** When the snapshot took the shown value over, so that a plan repairs it. */
  readonly repairAt: Instant | undefined;
  /** When a read showed the acknowledged value again; undefined: none did. */
  readonly closedAt: Instant | undefined;
}

/** An account of the snapshot, and its place in the order of reading. */
export interface AccountPage {
  readonly page: readonly KnownState[];
  readonly next: number | undefined;
}

/** What differs at one target, and how far the check is through. Writes resolve once they survive the process. */
export interface DriftStore {
  position(): Promise<DriftPosition | undefined>;
  savePosition(position: DriftPosition): Promise<void>;
  /** Forgets which accounts an earlier check has seen. */
  beginCheck(): Promise<void>;
  /** The accounts with these ids. */
  knownByIds(resourceType: ResourceType, ids: readonly RemoteId[]): ReadonlyMap<RemoteId, KnownState>;
  markSeen(accounts: readonly RecordRef[]): Promise<void>;
  /** Accounts that the check has not seen. Those in doubt, and those that are compared again anyway, are left out. */
  unseen(resourceType: ResourceType, after: number, limit: number): AccountPage;
  /** Accounts that became inactive since then. */
  leavers(since: Instant, after: number, limit: number): AccountPage;
  /** Whether the account may be compared: nothing of it is in doubt, or planned again. */
  isComparable(account: RecordRef): boolean;
  /** Members of a group whose membership is in doubt or planned again. */
  pendingMembers(group: SourceKey): ReadonlySet<SourceKey>;
  /** Memberships that scimsync removed, and did not add again, as far as the journal goes back. */
  endedMembers(group: SourceKey, members: readonly Member[]): ReadonlySet<RecordKey>;
  /**
   * Replaces what differs at one account: what is not in the list any more is closed.
   *
   * @param kinds the kinds that were compared
   * @returns the differences as they are stored
   */
  record(
    account: RecordRef,
    kinds: readonly Drift['kind'][],
    found: readonly Drift[],
    at: Instant,
  ): Promise<readonly DriftRecord[]>;
  /** The snapshot took over what these accounts show. */
  markRepaired(accounts: readonly RecordRef[], at: Instant): Promise<void>;
  /** Open differences in the order in which they were found, by page. */
  open(limit: number, afterId: number): { readonly page: readonly DriftRecord[]; readonly next: number | undefined };
  /** Open differences of one record. */
  openOf(account: RecordRef): readonly DriftRecord[];
  /** Accounts of the listing cache that the snapshot does not know, and that are second accounts of known users. */
  duplicates(): readonly { readonly known: KnownState; readonly remoteId: RemoteId; readonly isActive: boolean }[];
  /** Closes what differed at accounts that the snapshot does not have any more. */
  closeGone(at: Instant): Promise<void>;
  /** Closes the second accounts that no list has shown since then. */
  closeDuplicates(before: Instant, at: Instant): Promise<void>;
}
