import type { RemoteId, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Member } from '../../model/operation.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';

/** A member with its id at the target. */
export interface MemberRef {
  readonly member: Member;
  readonly id: RemoteId;
}

/** Ids at the target of the records that an operation refers to. A record without an account is absent. */
export type RemoteIds = ReadonlyMap<RecordKey, RemoteId>;

/** Display names at the target, for elements of `members` that carry one. */
export type DisplayNames = ReadonlyMap<RecordKey, string>;

/** The id of a record at the target. With Bulk, a record that is being created has `bulkId:…` instead. */
export type ResolveId = (resourceType: ResourceType, key: SourceKey) => RemoteId | undefined;

/** Resolves ids from a map. */
export const resolveFrom =
  (ids: RemoteIds): ResolveId =>
  (resourceType, key) =>
    ids.get(recordKey({ resourceType, key }));
