import type { MembershipCause, ResourceOperation } from '../model/operation.ts';

/** Whether a record will have an account once the plan is executed. A membership needs both of its ends. */
export type PlannedPresence =
  /** Has an account, or gets one by this plan. */
  | 'present'
  /** Must not have access, or has no account. */
  | 'absent'
  /** The account stays unchanged, although it is no longer desired. */
  | 'kept'
  /** A group that stays, but without members. */
  | 'emptied'
  /** Protected by the configuration: never changed, also if the source differs. */
  | 'protected';

/** Desired and known state of one membership at one target. */
export interface MembershipComparison {
  readonly group: PlannedPresence;
  readonly member: PlannedPresence;
  readonly isDesired: boolean;
  readonly isKnown: boolean;
  /** An earlier change was not acknowledged, so the desired state is sent again, addition or removal. */
  readonly isInDoubt: boolean;
  /** This plan deletes the group, and the target deletes its memberships with it. */
  readonly groupIsDeleted: boolean;
  /** This plan deletes the user, and the target removes the user's memberships by itself. */
  readonly isRemovedByTarget: boolean;
}

/** Why a membership changes together with its group or its member; undefined: it changes by itself. */
export function membershipCause(
  change: 'add' | 'remove',
  group: { readonly presence: PlannedPresence; readonly action: MemberAction },
  member: { readonly presence: PlannedPresence; readonly action: MemberAction },
): MembershipCause | undefined {
  if (change === 'remove') {
    if (member.presence === 'absent') return 'leaver';
    return group.presence === 'emptied' ? 'emptied' : undefined;
  }
  switch (member.action) {
    case 'create':
      return 'joiner';
    case 'recreate':
      return 'recreated';
    case 'reactivate':
      return 'returning';
    default:
      return group.action === 'create' ? 'newGroup' : undefined;
  }
}

/** What the plan does with the account of a member, or with a group. */
type MemberAction = ResourceOperation['action'] | 'recreate' | undefined;

/** Whether no membership of such a group changes: it has none at the target, or they stay as they are. */
export const keepsMemberships = (group: PlannedPresence): boolean =>
  group === 'absent' || group === 'kept' || group === 'protected';

/** The change for one membership at one target. */
export function diffMembership({
  group,
  member,
  isDesired,
  isKnown,
  isInDoubt,
  groupIsDeleted,
  isRemovedByTarget,
}: MembershipComparison): 'add' | 'remove' | 'nothing' {
  if (groupIsDeleted || keepsMemberships(group) || member === 'protected') return 'nothing';
  const shouldExist = isDesired && member !== 'absent' && member !== 'emptied' && group !== 'emptied';
  if (shouldExist === isKnown && !isInDoubt) return 'nothing';
  if (shouldExist) return member === 'kept' ? 'nothing' : 'add';
  return isRemovedByTarget ? 'nothing' : 'remove';
}
