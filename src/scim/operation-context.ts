import type { Instant, RemoteId } from '../model/ids.ts';
import type { Operation } from '../model/operation.ts';
import type { Outcome, RemoteResource } from '../model/outcome.ts';
import type { Profile } from '../model/profile.ts';
import type { FlatResource } from '../model/resource.ts';
import type { LearnedCapabilities } from './capabilities.ts';
import type { DisplayNames, MemberRef, RemoteIds, ResolveId } from './encode/references.ts';
import type { GroupLock } from './operations/group-lock.ts';
import type { Transport } from './transport/transport.ts';

/** An operation with all that is needed to send it, as plain data: nothing here asks the store. */
export interface PreparedOperation {
  readonly operation: Operation;
  /** Of the operation's own resource; a create has none. */
  readonly remoteId?: RemoteId;
  /** ETag of the last answer about this resource. */
  readonly version?: string;
  /** Of the records that the operation refers to: its manager, its members. */
  readonly ids: RemoteIds;
  /** An earlier create of this record was sent and not answered. */
  readonly isInDoubt: boolean;
  /** The target would create a second resource with the same name, so the create looks it up first. */
  readonly mayDuplicate?: boolean;
  /** The same operation failed in an earlier pass: fallbacks that guess were tried then, and are left out now. */
  readonly failedBefore?: boolean;
  /** Paths that the mapping manages: an existing account is read by these. */
  readonly paths: readonly string[];
  /** Display names of members, where the profile sends them. */
  readonly names?: DisplayNames;
  /** All known members of the group, for a target that writes whole groups. */
  readonly members?: readonly MemberRef[];
  /** The resource as the snapshot knows it. */
  readonly knownResource?: FlatResource;
}

/** A prepared operation while it is sent; `resolve` also knows records that are being created in a Bulk request. */
export interface OperationContext extends PreparedOperation {
  readonly resolve: ResolveId;
}

/** One target, for the operations that are sent to it. */
export interface ClientContext {
  readonly transport: Transport;
  readonly profile: Profile;
  readonly capabilities: LearnedCapabilities;
  readonly groupLock: GroupLock;
}

/**
 * The context of the next request about the same resource.
 *
 * @param version from the last answer; without one no version is known, since the request has replaced the old one
 */
export function withVersion(
  { version: _old, ...context }: OperationContext,
  version: string | null | undefined,
): OperationContext {
  return version === undefined || version === null ? context : { ...context, version };
}

/** A create found an account that the target already has. Whether it becomes ours is the caller's decision. */
export interface ExistingAccount {
  readonly kind: 'existing';
  readonly status: number;
  readonly resource: RemoteResource;
  /** The attribute that it was found by. */
  readonly by: string;
  /**
   * `lookup`: a look-up found it. `ownCreate`: a look-up found it, and it holds what an unanswered create of ours sent.
   * `response`: the target answered the create with it.
   */
  readonly origin: 'lookup' | 'ownCreate' | 'response';
}

/** The target writes whole groups, and `members` was not given: to be prepared with them and performed once more. */
export interface NeedsMembers {
  readonly kind: 'needsMembers';
}

/** What an operation ended with, before ownership is judged. */
export type PerformOutcome = Outcome | ExistingAccount | NeedsMembers;

export interface PerformResult<T = PerformOutcome> {
  readonly outcome: T;
  readonly requests: number;
  readonly retries: number;
  /** When the first request was sent. */
  readonly sentAt?: Instant;
}
