/** How a plan or a pass ended, as far as it decides the exit code. */
export interface PassResult {
  /** A target, an operation, a record or a source row failed. */
  readonly failed: boolean;
  /** The guard holds a part of the plan. */
  readonly held: boolean;
  /** Operations were left unsent although nobody stopped the pass. */
  readonly unsent: boolean;
  /** There are changes, and the caller asked to be told (`plan --exit-code`). */
  readonly changes: boolean;
}

/**
 * The exit code of a plan or a pass: 0 done, 1 failed or left unsent, 2 there are changes, 3 held. The most urgent fact wins:
 *
 *     failed 1  >  held 3  >  unsent 1  >  changes 2  >  done 0
 */
export function exitCodeOf({ failed, held, unsent, changes }: PassResult): 0 | 1 | 2 | 3 {
  if (failed) return 1;
  if (held) return 3;
  if (unsent) return 1;
  return changes ? 2 : 0;
}
