/** What happens to the account of a leaver; `keep` changes nothing. */
export type LeaverAction = 'deactivate' | 'delete' | 'keep';

/** What happens to a user who should no longer have access. */
export interface LeaverPolicy {
  readonly action: LeaverAction;
  /** Deletes an account that has been deactivated for this many days; undefined: never. */
  readonly deleteAfterDays: number | undefined;
  /** For users who fell out of scope; undefined: like `action`. */
  readonly outOfScope: LeaverAction | undefined;
  /** For groups that left the source or the scope. */
  readonly groups: 'delete' | 'keep';
}
