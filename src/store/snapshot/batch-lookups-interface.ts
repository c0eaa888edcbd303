import type { Member } from '../../model/operation.ts';
import type { RemoteId, SourceKey } from '../../model/ids.ts';
import type { RecordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';

/**
 * What operations need before they are sent, with one statement for many records. Records without a value are not in
 * the result. These lookups are synchronous, because they run between two requests.
 */
export interface BatchLookups {
  /** Active users at the target that this pass does not change, and whose accounts should be there. */
  controlAccounts(pass: number, limit: number): readonly KnownState[];
  knownStates(records: readonly Member[]): ReadonlyMap<RecordKey, KnownState>;
  remoteIds(records: readonly Member[]): ReadonlyMap<RecordKey, RemoteId>;
  /** Records whose create was sent in an earlier pass and got no response. */
  createsInDoubt(records: readonly Member[]): ReadonlySet<RecordKey>;
  /** Memberships in doubt, by an earlier request for the same change that got no proof of its effect. */
  membershipsInDoubt(group: SourceKey, members: readonly Member[], isRemoval: boolean): ReadonlySet<RecordKey>;
  /** The members that the target acknowledged and that are not in doubt. */
  existingMembers(group: SourceKey, members: readonly Member[]): ReadonlySet<RecordKey>;
  /** Ids of some acknowledged members of a group, at most `limit`. */
  someMembers(group: SourceKey, limit: number): readonly RemoteId[];
  /** All acknowledged members of a group that have an account. */
  membersWithIds(group: SourceKey): readonly { readonly member: Member; readonly id: RemoteId }[];
}
