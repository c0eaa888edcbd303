import type { Instant, RemoteId, SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Member, Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { FlatResource } from '../model/resource.ts';

/** A member with the id that it has at the target. */
export interface MemberRef {
  readonly member: Member;
  readonly id: RemoteId;
}

/** Which of our records owns an account there, if any. */
export type FindOwner = (resourceType: ResourceType, id: RemoteId) => SourceKey | undefined;

/** The id that a record of ours has there, if it has one. */
export type ResolveId = (resourceType: ResourceType, key: SourceKey) => RemoteId | undefined;

/** What is said by requests that change something. `verifyCreate` only looks. */
export type WriteOperation = Exclude<Operation, { action: 'verifyCreate' }>;

/** Changes what is there already. */
export type UpdateOperation = Exclude<WriteOperation, { action: 'create' }>;

/** An operation with what it takes to say it to one target. */
export interface OperationContext {
  readonly operation: Operation;
  /** Of the operation's own resource; a create has none. */
  readonly remoteId?: RemoteId;
  readonly version?: string;
  readonly resolve: ResolveId;
  readonly owner: FindOwner;
  /** An earlier create of it was sent and never answered. */
  readonly isInDoubt: boolean;
  /** It is created where a second one of the same name would be made without a word. */
  readonly mayDuplicate?: boolean;
  /** Whether the very same was refused in an earlier pass: what could be tried then was tried. */
  readonly failedBefore?: () => boolean;
  /** Paths that the mapping manages: what a found account is read by. */
  readonly paths: readonly string[];
  /** Whether an account that is already there may be taken over. */
  readonly mayAdopt: boolean;
  /** What a member is called there. */
  readonly nameOf?: (member: Member) => string | undefined;
  /** All members that the group is known to have, for a target that only takes PUT. */
  readonly allMembers?: () => readonly MemberRef[];
  /** The group as it is known, for a target that only takes PUT; without it, it is read first. */
  readonly knownResource?: FlatResource;
}

/** The same for the request after one that was carried out, which has made this version. Where its answer gave none, none is known: the old one is gone. */
export function withVersion(
  { version: _old, ...context }: OperationContext,
  version: string | null | undefined,
): OperationContext {
  return version === undefined || version === null ? context : { ...context, version };
}

export interface PerformResult {
  readonly outcome: Outcome;
  readonly requests: number;
  readonly retries: number;
  /** When the first request of it went out. */
  readonly sentAt?: Instant;
}

/** What one operation costs while it is carried out, and what may interrupt it. */
export interface OperationExecution {
  readonly signal: AbortSignal;
  /** The higher goes first. */
  readonly priority: number;
  /** What it creates, where it creates something. */
  readonly creates?: { readonly resourceType: ResourceType; readonly key: SourceKey };
  /** It pointed to somebody who was to be created in the same Bulk request, and was not. */
  hasUnresolvedBulkReference?: boolean;
  requests: number;
  retries: number;
  sentAt?: Instant;
}

export const newExecution = (signal: AbortSignal, priority = 0): OperationExecution => ({
  signal,
  priority,
  requests: 0,
  retries: 0,
});
