import type { Instant, RemoteId } from '../model/ids.ts';
import type { Operation } from '../model/operation.ts';
import type { Outcome, RemoteResource } from '../model/outcome.ts';
import type { Profile } from '../model/profile.ts';
import type { RecordKey } from '../model/record-key.ts';
import type { FlatResource } from '../model/resource.ts';
import type { LearnedCapabilities } from './capabilities.ts';
import type { DisplayNames, MemberRef, RemoteIds, ResolveId } from './encode/references.ts';
import type { GroupLock } from './operations/group-lock.ts';
import type { Clock } from '../model/clock.ts';
import type { RemovalForm } from './removal/removal-form.ts';
import type { WriteForm, WriteSamples } from './write-samples.ts';
import type { Transport } from './transport/transport.ts';

/** An operation with everything needed to send it, as plain data without access to the store. */
export interface PreparedOperation {
  readonly operation: Operation;
  /** The id of the operation's own resource; a create has none. */
  readonly remoteId?: RemoteId;
  /** ETag from the last response about this resource. */
  readonly version?: string;
  /** Ids of the records that the operation references: the manager, the members. */
  readonly ids: RemoteIds;
  /** An earlier create of this record was sent without a response. */
  readonly isInDoubt: boolean;
  /** Members whose addition or removal was sent before, and may have taken effect: the group is read first. */
  readonly membershipsInDoubt?: ReadonlySet<RecordKey>;
  /** The target does not refuse duplicate names, so the create looks the resource up first. */
  readonly mayDuplicate?: boolean;
  /** The same operation failed in an earlier pass. Fallbacks that guess were tried then and are not tried again. */
  readonly failedBefore?: boolean;
  /** The target may hold other accounts of the record, made by creates without an answer. */
  readonly mayHaveDuplicates?: boolean;
  /** Removals of the account in a row that were answered without a proven effect; absent: 0. */
  readonly unprovenRemovals?: number;
  /** Paths that the mapping manages; only these are read from an existing account. */
  readonly paths: readonly string[];
  /** Display names of members, where the profile sends them. */
  readonly names?: DisplayNames;
  /** Some members of the group that the operation does not change: after an addition they must still be there. */
  readonly witnesses?: readonly RemoteId[];
  /** All known members of the group, for PUT of the whole group. */
  readonly members?: readonly MemberRef[];
  /** The resource existed before scimsync managed it. */
  readonly isAdopted?: boolean;
  /** The resource as the snapshot knows it. */
  readonly knownResource?: FlatResource;
}

/** A prepared operation while it is sent; `resolve` also knows records that are being created in a Bulk request. */
export interface OperationContext extends PreparedOperation {
  readonly resolve: ResolveId;
  /** How a removal is sent; absent: as usual. */
  readonly removalForm?: RemovalForm;
  /** A PATCH has one operation. */
  readonly isSplit?: true;
  /** The request is sent outside of Bulk. */
  readonly isSingle?: true;
  /** The forms in which the target accepted this update, and a read showed no effect. */
  readonly formsWithoutEffect?: readonly WriteForm[];
}

/** The connection, profile and shared state of one target, for its operations. */
export interface ClientContext {
  readonly transport: Transport;
  readonly profile: Profile;
  readonly capabilities: LearnedCapabilities;
  readonly groupLock: GroupLock;
  readonly samples: WriteSamples;
  readonly clock: Clock;
}

/**
 * The context of the next request about the same resource.
 *
 * @param version from the last response; without one the version is unknown, since the request changed it
 */
export function withVersion(
  { version: _old, ...context }: OperationContext,
  version: string | null | undefined,
): OperationContext {
  return version === undefined || version === null ? context : { ...context, version };
}

/** A create found an existing account. The caller decides whether to adopt it. */
export interface ExistingAccount {
  readonly kind: 'existing';
  readonly status: number;
  readonly resource: RemoteResource;
  /** The attribute by which it was found. */
  readonly by: string;
  /**
   * `lookup`: a look-up found it. `ownCreate`: a look-up found it, and it holds the values of our create without a
   * response. `response`: the target returned it in response to the create.
   */
  readonly origin: 'lookup' | 'ownCreate' | 'response';
  /** It was found in place of a known id, and may belong to another person: see `Moved` of judge-absence.ts. */
  readonly isUncertain?: true;
}

/**
 * The request is a PUT of a whole group, and `members` is missing: prepare the operation with them and perform it
 * again.
 */
export interface NeedsMembers {
  readonly kind: 'needsMembers';
}

/** The result of an operation, before the caller judges the ownership of an existing account. */
export type PerformOutcome = Outcome | ExistingAccount | NeedsMembers;

/** The outcome of an operation, and the number of its requests. */
export interface PerformResult<T = PerformOutcome> {
  readonly outcome: T;
  readonly requests: number;
  readonly retries: number;
  /** When the first request was sent. */
  readonly sentAt?: Instant;
}
