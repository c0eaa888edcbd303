import type { Approval } from '../../model/plan.ts';

/** What the command line of a pass approves. The removals are one total over all targets and rounds. */
export interface PassApprovals {
  /** The id of the approval in the journal; undefined: the command line approves nothing. */
  readonly id: number | undefined;
  /** The plan was approved by its id. */
  readonly isPlanApproved: boolean;
  /** Takes this number of removals from what is left. @returns false if less is left, and takes nothing */
  spendRemovals(count: number): boolean;
}

/** @param id the approval in the journal */
export function passApprovals({ removals = 0, plan }: Approval, id: number | undefined): PassApprovals {
  let left = removals;
  return {
    id,
    isPlanApproved: plan !== undefined,
    spendRemovals(count) {
      if (count > left) return false;
      left -= count;
      return true;
    },
  };
}
