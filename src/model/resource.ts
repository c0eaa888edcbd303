import type { Instant, RemoteId, SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';

/** A JSON value that is not changed (RFC 8259). */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * A SCIM resource, flat: canonical attribute path (RFC 7644 section 3.5.2) → value.
 *
 *     { "userName": "ada", "name.givenName": "Ada", "emails[type eq \"work\"].value": "ada@example.com", … }
 *
 * Two resources are compared path by path, and only the paths that a mapping manages are ever compared or written. A
 * reference (manager) holds the *source key* of the referenced user; the request contains the target's id instead.
 */
export type FlatResource = Readonly<Record<string, Json>>;

/** What a target should hold for one record. */
export type DesiredState =
  | {
      readonly kind: 'present';
      readonly body: FlatResource;
      /** The account exists before the start date, and is inactive until then. */
      readonly isWaiting?: true;
    }
  | { readonly kind: 'absent'; readonly reason: LeaverReason }
  /** The record cannot be mapped to a resource that the target accepts; an existing account stays as it is. */
  | {
      readonly kind: 'rejected';
      readonly reason: string;
      /** The record is valid, and an operator decides first whether it is another one under a new key. */
      readonly isDecisionPending?: true;
    };

/** Why a user should no longer have access. */
export type LeaverReason =
  | 'left'
  | 'inactive'
  | 'outOfScope'
  /** The end date has passed, or is not after the start date. */
  | 'ended'
  /** The start date has not come yet. */
  | 'notYet';

/** What a target last acknowledged for one record: one row of the snapshot. Only a response changes it. */
export interface KnownState {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly remoteId: RemoteId;
  readonly body: FlatResource;
  /** False once the target acknowledged `active: false`. */
  readonly active: boolean;
  /** When it was deactivated; absent while it is active. */
  readonly inactiveSince?: Instant;
  /** `meta.version` or ETag of the last response, if the target returns one (RFC 7644 section 3.14). */
  readonly version?: string;
  readonly origin: 'created' | 'adopted';
  /** It was created inactive before the start date, and was not active since. */
  readonly awaitsStart?: true;
  /**
   * Paths whose value at the target is unknown: a change was sent without a response. They are sent again even if the
   * body equals the desired state, because the source may have changed back in between.
   */
  readonly inDoubt?: readonly string[];
  /** When the account was proven missing: neither a read by id nor a look-up found it. Absent: it is there. */
  readonly missingSince?: Instant;
  /** When the target last refused to delete it. */
  readonly deletionRefusedAt?: Instant;
  /** A create of it was sent without an answer, so the target may hold other accounts with its externalId. */
  readonly mayHaveDuplicates?: true;
  /** A group that left the source or the scope: its members are removed, and it stays. */
  readonly isEmptied?: true;
  /** Removals of it in a row that the target answered and that no read confirmed. Absent: 0. */
  readonly unprovenRemovals?: number;
}

/** What happens to the account of a leaver; `keep` changes nothing. */
export type LeaverAction = 'deactivate' | 'delete' | 'keep';

/** What happens to a user who should no longer have access. */
export interface LeaverPolicy {
  readonly action: LeaverAction;
  /** Users keep their access for this many days after their end date; by default 0. */
  readonly deactivateDaysAfter?: number;
  /** Deletes an account that has been deactivated for this many days; undefined: never. */
  readonly deleteAfterDays: number | undefined;
  /** For users who fell out of scope; undefined: like `action`. */
  readonly outOfScope: LeaverAction | undefined;
  /** For groups that left the source or the scope. `empty`: their members are removed, and they stay. */
  readonly groups: 'empty' | 'delete' | 'keep';
}

/** When the accounts of users with a start date are created, and activated. */
export interface JoinerPolicy {
  /** An inactive account is created this many days before the start date. */
  readonly createDaysBefore: number;
  /** The account is active from this many days before the start date on. */
  readonly activateDaysBefore: number;
}
