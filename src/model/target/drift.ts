import type { Instant, RemoteId, SourceKey } from '../ids.ts';
import type { Member } from '../operation.ts';
import type { Json } from '../resource.ts';
import type { ResourceType } from '../resource-type.ts';

/**
 * How a target no longer holds what it acknowledged.
 *
 *     reactivated     the account of a leaver is active again
 *     changed         an attribute has another value
 *     memberAdded     a group has a member that was not acknowledged
 *     memberRemoved   a group lacks a member that was acknowledged
 *     deleted         the account, or the group, is gone
 *     `twin`          a user has a second account
 *     orphan          an account has an externalId that no record of the source has
 */
export const driftKinds = [
  'reactivated',
  'changed',
  'memberAdded',
  'memberRemoved',
  'deleted',
  'twin',
  'orphan',
] as const;
export type DriftKind = (typeof driftKinds)[number];

/** What happens to a difference: `repair`, through plan and guard; `report`, shown; `ignore`, not even shown. */
export type DriftAction = (typeof driftActions)[number];
export const driftActions = ['repair', 'report', 'ignore'] as const;

/** What the operator configured for differences at one target. What is not configured has a default. */
export interface DriftPolicy {
  /** By attribute path; `*`: all other attributes. */
  readonly attributes: Readonly<Record<string, DriftAction>>;
  readonly members: DriftAction | undefined;
  readonly deleted: DriftAction | undefined;
}

/** How the daemon checks one target. */
export interface DriftSchedule {
  /** The most requests that the check sends in an hour; 0: the daemon does not check. */
  readonly requestsPerHour: number;
  /** Each account is read at least once in this number of days. */
  readonly everyDays: number;
}

/** Settings of the comparison of one target with the snapshot. */
export interface DriftSettings extends DriftSchedule {
  readonly policy: DriftPolicy;
}

/** By default, everything is reported, and the access of leavers is repaired; the daemon does not check. */
export const defaultDriftSettings: DriftSettings = {
  policy: { attributes: {}, members: undefined, deleted: undefined },
  requestsPerHour: 0,
  everyDays: 7,
};

/**
 * Why a difference is not repaired although the policy asks for it.
 *
 *     frozen      nothing is changed for the user
 *     protected   nothing is changed at the account
 *     kept        the target shows the same value again after a repair
 */
export type DriftHold = 'frozen' | 'protected' | 'kept';

/** One end of a membership as the target shows it. */
export interface DriftMember {
  readonly id: RemoteId;
  /** Undefined: no record owns the account. */
  readonly owner: Member | undefined;
}

/** A difference between what a target acknowledged and what it shows. */
export interface Drift {
  readonly kind: Exclude<DriftKind, 'orphan'>;
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** userName or displayName. */
  readonly name: string;
  /** The account that was read; of a duplicate, the second account. */
  readonly remoteId: RemoteId;
  /** The attribute of a change, `active` of a reactivation, `members` of a membership; '' otherwise. */
  readonly path: string;
  readonly member?: DriftMember;
  readonly acknowledged: Json;
  readonly shown: Json;
  readonly policy: Exclude<DriftAction, 'ignore'>;
  readonly held?: DriftHold;
}

/** How far the check of a target is through. It reads the users that lists did not show, then the groups. */
export interface DriftPosition {
  readonly phase: 'listUsers' | 'readUsers' | 'readGroups' | 'ended';
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
  /** Rows of the list, or the id of the last account row. */
  readonly after: number;
  /** The list was not continued where it ended: what it does not contain is not known. */
  readonly isListPartial: boolean;
  /** The leavers of the last months are read every day. `after` undefined: they were, this day. */
  readonly leavers: { readonly startedAt: Instant; readonly after: number | undefined } | undefined;
  /** The budget is spent up to this time. */
  readonly paidUntil: Instant;
  /** Paths that the target has shown: the absence of others proves nothing. */
  readonly shownPaths: readonly string[];
}
