import type { Evidence, Look, PendingVerification } from '../../model/evidence.ts';
import type { Instant } from '../../model/ids.ts';
import type { SnapshotChange } from '../../model/outcome.ts';
import type { OperationState, StoredOperation } from '../journal/stored-operation.ts';

/** A removal that the target answered, and that is to be read back. */
export interface StoredVerification extends Omit<PendingVerification, 'due'> {
  readonly id: number;
  readonly stored: StoredOperation;
  /** Status of the answer to the removal. */
  readonly status: number | undefined;
  readonly answeredAt: Instant;
  /** What the journal states about the removal so far. */
  readonly evidence: Evidence | undefined;
  readonly detail: string | undefined;
}

/** What reading a removal back showed. */
export interface VerificationResult {
  readonly state: OperationState;
  readonly evidence: Evidence | undefined;
  readonly detail: string | undefined;
  readonly change: SnapshotChange;
  /** When the record is compared again; undefined: it is not. */
  readonly requeue: 'thisPass' | 'nextPass' | undefined;
  /** The next look; undefined: there is none. */
  readonly next: Pick<PendingVerification, 'look' | 'due' | 'isSeen'> | undefined;
  readonly at: Instant;
}

/** Removals of one target whose effect is still to be read back. */
export interface Verifications {
  countDue(look: Look, until: Instant): Promise<number>;
  /** Due removals in the order in which they were answered, read page by page. */
  due(look: Look, until: Instant, after: number, limit: number): Promise<readonly StoredVerification[]>;
  /** Writes what a look showed, the change to the snapshot and the requeue in one commit. */
  record(verification: StoredVerification, result: VerificationResult): Promise<void>;
  /** Moves those that are due and were not chosen for look 1 to look 2. */
  postpone(until: Instant, due: Instant): Promise<void>;
  /**
   * Removes those that are due for look 2 and were not chosen, except removals that were never shown: they are due
   * again later.
   */
  dismiss(until: Instant, due: Instant): Promise<void>;
}
