import type { Instant, SourceKey } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';

/** The account of a user at a target, as the snapshot holds it. */
export interface AccountNow {
  readonly body: FlatResource;
  readonly isActive: boolean;
  readonly missingSince: Instant | undefined;
  /** The target refused to delete it, and deactivated it. */
  readonly isDeletionRefused: boolean;
}

/**
 * What an acknowledged operation made of an account. `before` and `after`: active, inactive (false) or no account
 * (null); undefined: the journal does not show it.
 */
export interface AccountEvent {
  readonly at: Instant;
  readonly before: boolean | null | undefined;
  readonly after: boolean | null | undefined;
}

/** An acknowledged change of a membership. */
export interface MembershipEvent {
  readonly at: Instant;
  readonly group: SourceKey;
  readonly isMember: boolean;
}

/** What the state knows about the access of one user at one target, now and in the past. */
export interface AccessRecord {
  readonly key: SourceKey;
  /** The name of the account, or the last one of the journal. */
  readonly name: string;
  /** Undefined: the target has none, as far as the snapshot knows. */
  readonly now: AccountNow | undefined;
  readonly groupsNow: readonly SourceKey[];
  /** In order of time, as `membershipEvents`. */
  readonly accountEvents: readonly AccountEvent[];
  readonly membershipEvents: readonly MembershipEvent[];
}

/** A group of a target. */
export interface GroupOfTarget {
  readonly name: string;
  /** When the group was deleted; its memberships ended. */
  readonly deletedAt: readonly Instant[];
}

/** Questions about who has access to what. */
export interface AccessView {
  /** The users that have or had an account at a target, in order of their keys, read page by page. */
  users(target: string, only: { readonly user?: SourceKey; readonly group?: SourceKey }): Iterable<SourceKey>;
  access(target: string, user: SourceKey): AccessRecord;
  group(target: string, key: SourceKey): GroupOfTarget;
  /** From when on the journal has all operations; undefined: it has none. */
  journalBegin(): Instant | undefined;
}
