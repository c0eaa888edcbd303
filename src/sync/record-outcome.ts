import type { Instant } from '../model/ids.ts';
import type { Outcome } from '../model/outcome.ts';
import type { PendingVerification } from '../model/evidence.ts';
import type { KnownState } from '../model/resource.ts';
import type { ServingJournal, StoredOperation, ServingTarget } from '../store/store.ts';
import { accountBefore, followUps } from './follow-ups.ts';
import { stateOf, type AttemptCounts, type Settlement } from './settle.ts';

/** An outcome with its change to the snapshot and its follow-up. */
export interface SettledOutcome extends Settlement, AttemptCounts {
  readonly outcome: Outcome;
  /** The account before the response; undefined: none was known. */
  readonly known: KnownState | undefined;
  readonly dropsRefusedMembers?: boolean;
  readonly verification?: PendingVerification | undefined;
  readonly at: Instant;
}

/** Writes an outcome in one commit: the result of the operation, the change to the snapshot, and the requeues. */
export function recordOutcome(
  journal: ServingJournal,
  pass: number,
  store: ServingTarget,
  stored: StoredOperation,
  {
    outcome,
    known,
    change,
    followUp,
    verification,
    dropsRefusedMembers = false,
    requests,
    retries,
    at,
  }: SettledOutcome,
): Promise<void> {
  const { operation } = stored;
  const before = { ...accountBefore(known), dropsRefusedMembers };
  return journal.recordResult(pass, store, stored, {
    state: stateOf(operation, outcome),
    outcome,
    change,
    requeues: followUps(operation, outcome, { change, followUp }, before),
    verification,
    requests,
    retries,
    at,
  });
}
