export type LeaverAction = 'deactivate' | 'delete' | 'keep';

/** What happens to somebody who should no longer have access. */
export interface LeaverPolicy {
  readonly action: LeaverAction;
  /** Deletes what has been deactivated that long; undefined: never. */
  readonly deleteAfterDays: number | undefined;
  /** For those who fell out of the scope, where it is not the same. */
  readonly outOfScope: LeaverAction | undefined;
  /** For groups that left the source or the scope. */
  readonly groups: 'delete' | 'keep';
}
