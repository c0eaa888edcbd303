import type { Instant } from '../../model/ids.ts';

/** What an operator approves: a plan, or a number of removals. */
export interface NewApproval {
  readonly at: Instant;
  /** User of the operating system. */
  readonly operator: string;
  readonly host: string;
  readonly reason: string | undefined;
  /** The command line without the program name. */
  readonly command: string;
  readonly plan: string | undefined;
  readonly removals: number | undefined;
}

/** An approval as the journal holds it. */
export interface ApprovalRecord extends NewApproval {
  readonly id: number;
  /** The target where it waits or waited; undefined: it was given for all targets of its pass. */
  readonly target: string | undefined;
  /** The pass that used it, or found that it does not apply; undefined: it waits. */
  readonly pass: number | undefined;
  /** `void`: the pass held other operations than the approved ones, or none. Undefined: it waits. */
  readonly outcome: 'used' | 'void' | undefined;
}

/** An approval that waits for the next pass at a target. */
export interface WaitingApproval {
  readonly id: number;
  /** Digest of the held operations that it lets through (`heldDigest`). */
  readonly held: string;
}

/** Who approved what, when and why. */
export interface ApprovalLog {
  /** Records an approval that the command line of this pass contains. @returns its id */
  recordApproval(pass: number, approval: NewApproval): Promise<number>;
  /** Leaves an approval for the next pass at a target. */
  leaveApproval(target: string, held: string, approval: NewApproval): Promise<void>;
  /** The approvals that wait at a target, newest first. */
  waitingApprovals(target: string): Promise<readonly WaitingApproval[]>;
  /** An approval is given once: this pass used it, or found that it does not apply. */
  settleApproval(id: number, pass: number, outcome: 'used' | 'void'): Promise<void>;
}
