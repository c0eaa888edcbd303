import type { SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';
import type { FlatResource, Json } from './resource.ts';

/** One changed attribute. `from` is null if it was absent, `to` is null if it is removed. */
export interface Edit {
  readonly path: string;
  readonly from: Json;
  readonly to: Json;
}

/** One end of a membership. */
export interface Member {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

/**
 * Why a membership changes together with another change of the plan; absent: it changes by itself.
 *
 *     leaver      removed: the member loses access
 *     emptied     removed: the group left the source or the scope, and stays without members
 *     joiner      added: the plan creates the account of the member
 *     recreated   added: the plan creates an account that is missing at the target
 *     returning   added: the plan reactivates the account of the member
 *     newGroup    added: the plan creates the group
 *     renamed     added: the guard holds the rename of the member's account
 *     replaced    removed: the group left the source, and a new group with the same members replaces it
 */
export type MembershipCause =
  'leaver' | 'emptied' | 'joiner' | 'recreated' | 'returning' | 'newGroup' | 'renamed' | 'replaced';

/** A member that an operation adds or removes. */
export interface ChangedMember extends Member {
  readonly cause?: MembershipCause;
}

interface OperationBase {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** The name in messages: userName or displayName. */
  readonly name: string;
  /** The reason in the journal: "left the source", "displayName changed". */
  readonly reason: string;
}

/**
 * One change of one resource at one target, with source keys. Remote ids are resolved when the operation is sent, so a
 * membership can be planned before the group or the user exists at the target.
 */
export type Operation =
  /**
   * `body` is the complete resource after the target's acknowledgement. `isRecreation`: the account was proven missing
   * and is created again.
   */
  | (OperationBase & { readonly action: 'create'; readonly body: FlatResource; readonly isRecreation?: true })
  | (OperationBase & {
      readonly action: 'update' | 'deactivate' | 'reactivate';
      readonly edits: readonly Edit[];
      readonly body: FlatResource;
      /** A reactivation that starts the access: the account was created inactive before the start date. */
      readonly isStart?: true;
    })
  | (OperationBase & { readonly action: 'delete' })
  /**
   * Finds out whether a user who should have no account has one: a create without a response may have taken effect, or
   * the target's list shows one at the first pass. The account is adopted and then removed like any other.
   */
  | (OperationBase & { readonly action: 'verifyCreate'; readonly body: FlatResource })
  /** At most the profile's `membersPerRequest` in total. One request contains both lists, removals first. */
  | (OperationBase & {
      readonly action: 'members';
      readonly add: readonly ChangedMember[];
      readonly remove: readonly ChangedMember[];
    });

/** Operations on one user or group, without those on memberships. */
export type ResourceOperation = Exclude<Operation, { action: 'members' }>;
/** Operations that change attributes of an existing resource. */
export type EditOperation = Extract<Operation, { action: 'update' | 'deactivate' | 'reactivate' }>;
/** Additions and removals of members of one group. */
export type MembersOperation = Extract<Operation, { action: 'members' }>;

/** Operations that write at a target; `verifyCreate` only reads. */
export type WriteOperation = Exclude<Operation, { action: 'verifyCreate' }>;

/** Whether the goal of an operation is that a resource is deleted or deactivated. */
export const isRemoval = ({ action }: Pick<Operation, 'action'>): boolean =>
  action === 'deactivate' || action === 'delete';

/** Operations on a resource that exists at the target. */
export type UpdateOperation = Exclude<WriteOperation, { action: 'create' }>;

/** Creation of a user or group. */
export type CreateOperation = Extract<Operation, { action: 'create' }>;
