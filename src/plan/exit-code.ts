/** The facts about a plan or a pass that decide its exit code. */
export interface PassResult {
  /** A target, an operation, a record or a source row failed. */
  readonly failed: boolean;
  /** The guard holds a part of the plan. */
  readonly held: boolean;
  /** Operations were not sent: the pass was stopped, or the target receives no more requests. */
  readonly unsent: boolean;
  /** There are changes, and the caller asked for an exit code that shows it (`plan --exit-code`). */
  readonly changes: boolean;
}

/**
 * The exit code of a plan or a pass: 0 done, 1 failed or not sent, 2 there are changes, 3 held. The most urgent fact
 * decides:
 *
 *     failed 1  >  held 3  >  unsent 1  >  changes 2  >  done 0
 */
export function exitCodeOf({ failed, held, unsent, changes }: PassResult): 0 | 1 | 2 | 3 {
  if (failed) return 1;
  if (held) return 3;
  if (unsent) return 1;
  return changes ? 2 : 0;
}
