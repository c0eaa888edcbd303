import type { Outcome } from '../model/outcome.ts';
import type { PendingVerification } from '../model/evidence.ts';
import type { KnownState } from '../model/resource.ts';
import type { OperationResult, StoredOperation } from '../store/store.ts';
import type { Instant, RemoteId } from '../model/ids.ts';
import { accountBefore, followUps } from './follow-ups.ts';
import { stateOf, type AttemptCounts, type Settlement } from './settle.ts';

/** An outcome with its change to the snapshot and its follow-up. */
export interface SettledOutcome extends Settlement, AttemptCounts {
  readonly outcome: Outcome;
  /** The account before the response; undefined: none was known. */
  readonly known: KnownState | undefined;
  readonly dropsRefusedMembers?: boolean;
  readonly verification?: PendingVerification | undefined;
  readonly claimedId?: RemoteId | undefined;
  readonly at: Instant;
}

/** What is saved of an outcome: the result of the operation, the change to the snapshot, and the requeues. */
export function operationResult(
  stored: StoredOperation,
  {
    outcome,
    known,
    change,
    followUp,
    verification,
    claimedId,
    dropsRefusedMembers = false,
    requests,
    retries,
    at,
  }: SettledOutcome,
): OperationResult {
  const { operation } = stored;
  const before = { ...accountBefore(known), dropsRefusedMembers };
  return {
    stored,
    state: stateOf(operation, outcome),
    outcome,
    change,
    requeues: followUps(operation, outcome, { change, followUp }, before),
    verification,
    claimedId,
    requests,
    retries,
    at,
  };
}
