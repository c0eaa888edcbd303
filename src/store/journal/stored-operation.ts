import type { SourceKey } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';

/** An operation with its place in the order of execution. */
export interface PlannedOperation {
  readonly operation: Operation;
  readonly phase: number;
  readonly wave: number;
  /** Changes the userName or e-mail address of an existing account. */
  readonly isRenaming: boolean;
  /** A deletion that the target refused before; the access has ended. The guard counted the first try. */
  readonly isRepeatedDeletion?: true;
  /**
   * The record whose account has the name that this operation needs, and gives it up in the same round; the record
   * itself, if the operation gives the account of a leaver a temporary name.
   */
  readonly waitsFor?: SourceKey | undefined;
}

/** An operation as the journal holds it. */
export interface StoredOperation extends PlannedOperation {
  readonly id: number;
  readonly state: OperationState;
  /** Why it is held, where that is not a limit of the guard. */
  readonly heldBecause?: string | undefined;
}

/** `held` waits for approval; `sent` has no response yet; `unknown` was sent, but its pass ended without a response. */
export type OperationState = 'planned' | 'held' | 'sent' | 'done' | 'adopted' | 'failed' | 'unknown' | 'skipped';
