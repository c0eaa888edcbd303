import type { Evidence } from './evidence.ts';
import type { Member } from './operation.ts';
import type { RemoteId } from './ids.ts';
import type { FlatResource } from './resource.ts';
import type { UniqueValue } from './target/unique-value.ts';

/**
 * The meaning of a target's response to an operation.
 *
 * `isProvableByList`: a read by id answers 404, and the target lets nothing be looked up by filter. A complete list of
 * its accounts can prove that the account is missing.
 */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly status: number;
      /** How strongly the target showed the result; absent: by its success status alone. */
      readonly evidence?: Evidence;
      readonly remoteId?: RemoteId;
      readonly version?: string;
      /** Members of a membership operation that cannot be encoded, or that the target rejected. */
      readonly rejectedMembers?: readonly Member[];
      /** The addition of members removed others, so all memberships of the group are in doubt. */
      readonly lostMembers?: true;
      /** Paths of references that cannot be encoded, because the referenced user does not exist yet. */
      readonly unresolved?: readonly string[];
      /** The target refused a deletion, and this was done instead. */
      readonly insteadOfDeletion?: InsteadOfDeletion;
      /** The target has the account under this id, and not under the known one. */
      readonly movedTo?: RemoteId;
      /** Paths that the target refused, while it accepted the others. They are sent again in the next pass. */
      readonly refused?: readonly string[];
      /** Members whose ids the target refused: the accounts may not exist any more. */
      readonly refusedMembers?: readonly Member[];
      /** Members whose change was refused, and no read of the group shows that it had no effect. */
      readonly membersInDoubt?: readonly Member[];
      /** Ids of members that the operation also removed from the group, because they do not exist at the target. */
      readonly danglingIds?: readonly RemoteId[];
      /** The records that own these ids. */
      readonly danglingMembers?: readonly Member[];
      /** Problems, as text. */
      readonly detail?: string;
    }
  /** It already existed and is adopted with its current state. */
  | { readonly kind: 'adopted'; readonly status: number; readonly resource: RemoteResource }
  /**
   * It is proven missing: neither a read by id nor a look-up finds it. A removal has reached its goal; otherwise it is
   * created again. `verifyCreate`: the create did not take effect.
   */
  | {
      readonly kind: 'notFound';
      readonly status: number;
      readonly detail: string;
      /** The target answered with the resource of another record: the id was reused. */
      readonly isOtherResource?: true;
    }
  /** The target refused it. */
  | {
      readonly kind: 'rejected';
      readonly status: number;
      readonly detail: string;
      /** The target accepted a part before. */
      readonly partial?: true;
      readonly refusedMembers?: readonly Member[];
      readonly membersInDoubt?: readonly Member[];
      /** A create that may have taken effect all the same: no look-up has shown the contrary. */
      readonly mayExist?: true;
      readonly isProvableByList?: true;
      /** A read shows the account, although the request was answered 404 or 410. */
      readonly isPresent?: true;
      /** Another account has a value that must be unique (409, `uniqueness`). */
      readonly isConflict?: true;
    }
  /** Accounts of others have these unique values. The next round takes the next value of the mapping. */
  | {
      readonly kind: 'valueTaken';
      readonly status: number;
      readonly values: readonly UniqueValue[];
      readonly detail: string;
    }
  /** The target is unreachable, or requested a longer pause than a pass waits. */
  | { readonly kind: 'unavailable'; readonly status?: number; readonly detail: string }
  /** Sent, but no response shows whether it took effect. */
  | {
      readonly kind: 'unknown';
      readonly status?: number;
      readonly detail: string;
      /** A create that no look-up shows yet. Searches may show it later, so it is looked up again in this pass. */
      readonly lookAgain?: true;
      readonly isProvableByList?: true;
    }
  /** Never sent. */
  | { readonly kind: 'skipped'; readonly detail: string };

/** What ended the access where a target refused to delete: the user was deactivated, or the group lost its members. */
export type InsteadOfDeletion = (
  { readonly kind: 'deactivated' } | { readonly kind: 'emptied'; readonly removed: readonly Member[] }
) & {
  /** The target refused the method DELETE itself (405, 501), not the deletion of this resource. */
  readonly isMethodRefused?: true;
};

/**
 * How strongly the target showed a result. An account that is gone was proven missing by a read and a look-up.
 *
 * @returns undefined for an outcome that is no result
 */
export function evidenceOf(outcome: Outcome): Evidence | undefined {
  switch (outcome.kind) {
    case 'done':
      return outcome.evidence ?? 'answered';
    case 'adopted':
    case 'notFound':
      return 'read';
    default:
      return undefined;
  }
}

/** A resource that was read from a target. */
export interface RemoteResource {
  readonly remoteId: RemoteId;
  /** Only the requested paths, in canonical form; absent paths are omitted. */
  readonly body: FlatResource;
  /** An account without `active` counts as active (RFC 7643 section 4.1.1 leaves the meaning to the target). */
  readonly active: boolean;
  /** The target did not return `active`. */
  readonly isActiveHidden?: true;
  readonly version?: string;
  /** Id of the account that a manager is; the body holds the key of the record that owns it, once that is known. */
  readonly manager?: RemoteId;
  /** Remote ids of a group's members; undefined if the target did not return them. */
  readonly members?: readonly RemoteId[];
}

/**
 * The change of an account's paths in doubt. It is relative, because the response to another account may put a path in
 * doubt before this one is recorded: a manager is found missing.
 */
export interface DoubtChange {
  readonly begins: readonly string[];
  /** It is stronger than `begins`. */
  readonly ends: readonly string[];
}

/** The change to the snapshot after a response. */
export type SnapshotChange =
  | { readonly kind: 'keep' }
  | { readonly kind: 'forget' }
  /** The account is proven missing. Its id and values stay, because the target may have lost it only for a time. */
  | { readonly kind: 'missing' }
  /** A change was sent without a response: the target holds either the old or the new values of these paths. */
  | { readonly kind: 'inDoubt'; readonly paths: readonly string[]; readonly unprovenRemovals?: number }
  | { readonly kind: 'membersInDoubt'; readonly members: readonly Member[] }
  | {
      readonly kind: 'remember';
      readonly remoteId?: RemoteId;
      readonly body: FlatResource;
      readonly active: boolean;
      readonly version?: string;
      /** What it changes about the paths in doubt; absent: no path is in doubt any more. */
      readonly inDoubt?: DoubtChange;
      /** The target refused to delete it. */
      readonly deletionRefused?: true;
      /** A create of it was sent without an answer before. */
      readonly mayHaveDuplicates?: true;
      /** Removals in a row without a proven effect; absent: unchanged. */
      readonly unprovenRemovals?: number;
    }
  | {
      readonly kind: 'adopt';
      readonly resource: RemoteResource;
      readonly mayHaveDuplicates?: true;
      readonly unprovenRemovals?: number;
    }
  | {
      readonly kind: 'members';
      readonly added: readonly Member[];
      readonly removed: readonly Member[];
      /** Their change was refused, and it may have taken effect all the same. */
      readonly inDoubt?: readonly Member[];
      readonly version?: string;
      /** The target refused to delete the group. */
      readonly deletionRefused?: true;
    };

/** The remote id of an account after a change; undefined: it has none. */
export function remoteIdAfter(change: SnapshotChange, before: RemoteId | undefined): RemoteId | undefined {
  switch (change.kind) {
    case 'forget':
    case 'missing':
      return undefined;
    case 'adopt':
      return change.resource.remoteId;
    case 'remember':
      return change.remoteId ?? before;
    default:
      return before;
  }
}
