import type { Evidence, PendingVerification } from '../../model/evidence.ts';
import type { RemoteId, SourceKey } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import type { KnownState } from '../../model/resource.ts';
import type { FollowUp } from '../../model/requeue.ts';
import type { OperationResult, StoredOperation } from '../../store/store.ts';
import type { Emit, Result } from '../events.ts';
import type { ExecutionDeps, ExecutionRound, SyncDeps } from '../context.ts';
import { operationResult } from '../operation-result.ts';
import { stateOf } from '../settle.ts';

/** Operations by result. */
export interface OutcomeCounts {
  succeeded: number;
  failed: number;
  held: number;
  skipped: number;
  /** Closings of users that no answer and no read has shown so far, failed ones among them. */
  unconfirmed: number;
}

interface Settlement {
  readonly change: SnapshotChange;
  readonly followUp: FollowUp;
  readonly verification?: PendingVerification | undefined;
  /** The id that the response gives the account, if it was not compared with those of other records. */
  readonly claimedId?: RemoteId | undefined;
  readonly requests: number;
  readonly retries: number;
}

/**
 * Saves what an operation ended with, and what that means to the snapshot.
 *
 * @param known the account before the response
 * @param saved called once it is saved; `owner`: not saved, because this other record owns the account
 */
export function record(
  { ledger, clock }: Pick<ExecutionDeps, 'ledger' | 'clock'>,
  { spec, staysRequeued }: Pick<ExecutionRound, 'spec' | 'staysRequeued'>,
  {
    stored,
    outcome,
    known,
  }: { readonly stored: StoredOperation; readonly outcome: Outcome; readonly known: KnownState | undefined },
  settlement: Settlement,
  saved: (owner: SourceKey | undefined) => void,
): void {
  const result = operationResult(stored, {
    ...settlement,
    outcome,
    known,
    dropsRefusedMembers: spec.profile.protocol.verifyWrites !== 'never',
    at: clock.now(),
  });
  ledger.record(staysRequeued === true ? withoutSettling(result) : result, saved);
}

/** Leaves the record and the memberships on the list of what is compared again. */
const withoutSettling = (result: OperationResult): OperationResult => ({
  ...result,
  requeues: result.requeues.filter(({ kind }) => kind !== 'recordSettled' && kind !== 'membershipsSettled'),
});

/** How an operation ended, for the report. */
export function resultOf(operation: Operation, outcome: Outcome): Result {
  const state = stateOf(operation, outcome);
  return state === 'done' || state === 'adopted' || state === 'skipped' || state === 'unknown' ? state : 'failed';
}

/** The result of an operation, for the report. */
export interface Reported {
  readonly result: Result;
  readonly status?: number | undefined;
  readonly detail?: string | undefined;
  readonly evidence?: Evidence | undefined;
  /** The next round of the pass sends it with another value, so it is not counted yet. */
  readonly isTriedAgain?: boolean;
}

/** An operation without sufficient evidence counts as failed: it is not done, and the next pass goes on. */
const countOf: Readonly<Record<Result, keyof OutcomeCounts>> = {
  done: 'succeeded',
  adopted: 'succeeded',
  failed: 'failed',
  unknown: 'failed',
  skipped: 'skipped',
  held: 'held',
};

/** Whether a user was to be closed, and no answer and no read shows it. */
export const isUnconfirmed = (
  operation: Operation,
  reported: Pick<Reported, 'result' | 'evidence'> | undefined,
): boolean =>
  operation.resourceType === 'User' &&
  isRemoval(operation) &&
  reported !== undefined &&
  (reported.result === 'failed' ||
    reported.result === 'unknown' ||
    (reported.result === 'done' && reported.evidence === 'answered'));

/** Counts and emits the result of an operation. */
export function report(
  emit: Emit,
  target: string,
  operation: Operation,
  { result, status, detail, evidence, isTriedAgain }: Reported,
  outcomeCounts: OutcomeCounts,
): void {
  if (isTriedAgain !== true) outcomeCounts[countOf[result]] += 1;
  if (isUnconfirmed(operation, { result, evidence })) outcomeCounts.unconfirmed += 1;
  emit({ type: 'operation', target, operation, result, status, detail, evidence });
}

/** Reports the operations of a round that the guard holds. */
export async function reportHeld(
  { store, emit }: Pick<SyncDeps, 'store' | 'emit'>,
  { pass, round, spec }: ExecutionRound,
  outcomeCounts: OutcomeCounts,
): Promise<void> {
  for await (const { operation, state, heldBecause } of store.journal.allOperations(pass, spec.name, round)) {
    if (state === 'held') report(emit, spec.name, operation, { result: 'held', detail: heldBecause }, outcomeCounts);
  }
}
