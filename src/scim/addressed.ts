import type { Instant, RemoteId, SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Member, Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Body } from '../model/resource.ts';

/** A member with the id that it has at the target. */
export interface Placed {
  readonly member: Member;
  readonly id: RemoteId;
}

/** Which of our records owns an account there, if any. */
export type Owner = (kind: Kind, id: RemoteId) => SourceKey | undefined;

/** The id that a record of ours has there, if it has one. */
export type Resolve = (kind: Kind, key: SourceKey) => RemoteId | undefined;

/** What is said by requests that change something. A claim only looks. */
export type Sayable = Exclude<Operation, { action: 'claim' }>;

/** Changes what is there already. */
export type Change = Exclude<Sayable, { action: 'create' }>;

/** An operation with what it takes to say it to one target. */
export interface Addressed {
  readonly operation: Operation;
  /** Of the operation's own resource; a create has none. */
  readonly remoteId?: RemoteId;
  readonly version?: string;
  readonly resolve: Resolve;
  readonly owner: Owner;
  /** An earlier create of it was sent and never answered. */
  readonly uncertain: boolean;
  /** It is created where a second one of the same name would be made without a word. */
  readonly mayBeTwin?: boolean;
  /** Whether the very same was refused in an earlier pass: what could be tried then was tried. */
  readonly failedBefore?: () => boolean;
  /** Paths that the mapping manages: what a found account is read by. */
  readonly paths: readonly string[];
  /** Whether an account that is already there may be taken over. */
  readonly adopt: boolean;
  /** What a member is called there. */
  readonly nameOf?: (member: Member) => string | undefined;
  /** All members that the group is known to have, for a target that only takes PUT. */
  readonly allMembers?: () => readonly Placed[];
  /** The group as it is known, for a target that only takes PUT; without it, it is read first. */
  readonly known?: Body;
}

/** The same for the request after one that was carried out, which has made this version. Where its answer gave none, none is known: the old one is gone. */
export function forNext({ version: _old, ...addressed }: Addressed, version: string | null | undefined): Addressed {
  return version === undefined || version === null ? addressed : { ...addressed, version };
}

export interface Performed {
  readonly outcome: Outcome;
  readonly requests: number;
  readonly retries: number;
  /** When the first request of it went out. */
  readonly sentAt?: Instant;
}

/** What one operation costs while it is carried out, and what may interrupt it. */
export interface Effort {
  readonly signal: AbortSignal;
  /** The higher goes first. */
  readonly priority: number;
  /** What it creates, where it creates something. */
  readonly creates?: { readonly kind: Kind; readonly key: SourceKey };
  /** It pointed to somebody who was to be created in the same Bulk request, and was not. */
  dangling?: boolean;
  requests: number;
  retries: number;
  sentAt?: Instant;
}

export const effort = (signal: AbortSignal, priority = 0): Effort => ({ signal, priority, requests: 0, retries: 0 });
