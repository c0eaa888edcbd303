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
}

/** An operation as the journal holds it. */
export interface StoredOperation extends PlannedOperation {
  readonly id: number;
  readonly state: OperationState;
}

/** `held` waits for approval; `sent` has no response yet; `unknown` was sent, but its pass ended without a response. */
export type OperationState = 'planned' | 'held' | 'sent' | 'done' | 'adopted' | 'failed' | 'unknown' | 'skipped';
