/** Where one end of a membership will be once the plan is carried out. */
export type PlannedPresence =
  /** There, or about to be. */
  | 'present'
  /** Not to have access any more, or not to be there at all. */
  | 'absent'
  /** Left alone: kept as it is although it is no longer wished. */
  | 'kept'
  /** A group that stays although nobody is to be in it any more. */
  | 'emptied'
  /** Never changed, whatever the source says. */
  | 'protected';

export interface MembershipComparison {
  readonly group: PlannedPresence;
  readonly member: PlannedPresence;
  readonly isDesired: boolean;
  readonly isKnown: boolean;
  /** A change of it was not acknowledged, so it is sent again in either direction. */
  readonly isInDoubt: boolean;
  /** The group is deleted by this plan, and its memberships with it. */
  readonly groupIsDeleted: boolean;
  /** The person's account is deleted, and the target ends the memberships by itself. */
  readonly isRemovedByTarget: boolean;
}

/** What must change for one membership at one target. */
export function diffMembership({
  group,
  member,
  isDesired,
  isKnown,
  isInDoubt,
  groupIsDeleted,
  isRemovedByTarget,
}: MembershipComparison): 'add' | 'remove' | 'nothing' {
  if (groupIsDeleted || group === 'absent' || group === 'kept' || group === 'protected' || member === 'protected')
    return 'nothing';
  const shouldExist = isDesired && member !== 'absent' && group !== 'emptied';
  if (shouldExist === isKnown && !isInDoubt) return 'nothing';
  if (shouldExist) return member === 'kept' ? 'nothing' : 'add';
  return isRemovedByTarget ? 'nothing' : 'remove';
}
