/** Where one end of a membership will be once the plan is carried out. */
export type Standing =
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
  readonly group: Standing;
  readonly member: Standing;
  readonly wanted: boolean;
  readonly known: boolean;
  /** A change of it was never answered, so that it is said again either way. */
  readonly doubtful: boolean;
  /** The group is deleted by this plan, and its memberships with it. */
  readonly groupGoes: boolean;
  /** The person's account is deleted, and the target ends the memberships by itself. */
  readonly endsByItself: boolean;
}

/** What must change for one membership at one target. */
export function diffMembership({
  group,
  member,
  wanted,
  known,
  doubtful,
  groupGoes,
  endsByItself,
}: MembershipComparison): 'add' | 'remove' | 'nothing' {
  if (groupGoes || group === 'absent' || group === 'kept' || group === 'protected' || member === 'protected')
    return 'nothing';
  const desired = wanted && member !== 'absent' && group !== 'emptied';
  if (desired === known && !doubtful) return 'nothing';
  if (desired) return member === 'kept' ? 'nothing' : 'add';
  return endsByItself ? 'nothing' : 'remove';
}
