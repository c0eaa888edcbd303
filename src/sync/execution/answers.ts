import type { Operation } from '../../model/operation.ts';
import { evidenceOf, type Outcome, type SnapshotChange } from '../../model/outcome.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import { recordKey } from '../../model/record-key.ts';
import type { StoredOperation, WorkPage } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { settle } from '../settle.ts';
import { verificationOf } from '../verification/pending.ts';
import { membersWait } from './adopted-names.ts';
import type { Adoption } from './adoption.ts';
import { doubtAboutAbsence, withDoubtAboutAbsence } from './control-accounts.ts';
import { adoptionPolicy, afterOtherClaim, claimedIdOf } from './ownership.ts';
import type { Work } from './pages/work.ts';
import { provedByList } from './prove-by-list.ts';
import { record, report, resultOf, type OutcomeCounts } from './record.ts';
import { withDoubt, withoutEarlyEnd, type UnansweredCreate } from './unanswered-creates.ts';

/** What the operations of one round share. */
export interface Execution {
  readonly deps: ExecutionDeps;
  readonly round: ExecutionRound;
  readonly adoption: Adoption;
  readonly outcomeCounts: OutcomeCounts;
  readonly stop: AbortSignal;
  /** Creates that are looked up again once everything else is sent. */
  readonly unanswered: UnansweredCreate[];
  /** Answers that a complete list of the accounts may decide, once everything else is sent. */
  readonly unproven: Answer[];
  /** Removals of users whose accounts were not found, until a control has shown that the target is the right one. */
  readonly notFound: Answer[];
  /**
   * Users whose adopted accounts have other names, or whose creates are repeated: no round adds them to a group before
   * the follow-ups.
   */
  readonly waitingMembers: Set<SourceKey>;
  readonly news: Interruption;
  readonly work: Work;
}

/** The answer to an operation, before it is recorded. */
export interface Answer {
  readonly stored: StoredOperation;
  readonly result: PerformResult<Outcome>;
  readonly page: WorkPage;
}

/** What a round shares with the news that interrupts it. */
export type SharedExecution = Pick<Execution, 'unanswered' | 'waitingMembers'>;

/** News that may come between two operations of a round. */
export interface Interruption {
  isPending(): boolean;
  /** Plans the news, and executes all of it before the rest of the round. No request is in flight. */
  execute(shared: SharedExecution): Promise<void>;
}

/** The pass was stopped, or the target receives no more requests. */
export const isOver = ({ deps: { target }, stop }: Execution): boolean =>
  stop.aborted || target.unavailableReason !== undefined;

/** Saves the answer and what it means to the snapshot, and reports it once it is saved. */
export function recordAnswer(execution: Execution, { stored, result, page }: Answer): void {
  const { deps, round, adoption, work } = execution;
  const { operation } = stored;
  const { resourceType, key } = operation;
  const known = page.known.get(recordKey(operation));
  const outcome = withoutEarlyEnd(deps, round, operation, page, result.outcome);
  if (outcome.kind === 'adopted') adoption.countConflict(resourceType);
  const verification = verificationOf(operation, outcome, known, round.spec.verification, deps.clock.now());
  const settlement = settle(operation, outcome, known, result);
  const isCreateInDoubt = page.unansweredCreates.has(recordKey(operation));
  const change = withDoubt(operation, settlement.change, result.retries > 0 || isCreateInDoubt);
  if (membersWait(operation, outcome, change)) execution.waitingMembers.add(key);
  const { requests, retries } = result;
  const claimedId = claimedIdOf(operation, outcome);
  const recorded = { ...settlement, change, requests, retries, verification, claimedId };
  record(deps, round, { stored, outcome, known }, recorded, (owner) => {
    if (owner !== undefined) {
      const claimed = afterOtherClaim(operation, outcome, owner, adoptionPolicy(round.spec, round.mapping));
      recordAnswer(execution, { stored, result: { ...result, outcome: claimed }, page });
      return;
    }
    if (claimedId !== undefined) work.created(resourceType, key, claimedId);
    // A removal that is read back is reported by what the read shows.
    if (verification?.look === 1) return;
    if (operation.action === 'create' && outcome.kind === 'unknown' && outcome.lookAgain === true)
      execution.unanswered.push({ stored: { ...stored, operation }, result });
    else reportOutcome(execution, operation, outcome);
  });
}

/** Counts and emits how an operation ended. */
export function reportOutcome({ deps, round, outcomeCounts }: Execution, operation: Operation, outcome: Outcome): void {
  report(
    deps.emit,
    deps.target.name,
    operation,
    {
      result: resultOf(operation, outcome),
      status: 'status' in outcome ? outcome.status : undefined,
      detail: 'detail' in outcome ? outcome.detail : undefined,
      evidence: evidenceOf(outcome),
      isTriedAgain: outcome.kind === 'valueTaken' && round.isLast !== true,
    },
    outcomeCounts,
  );
}

/** Nothing was sent. */
export const noRequests = { requests: 0, retries: 0 };

/** Ends an operation whose effect the target has already. */
export function recordNoChange(
  { deps, round, outcomeCounts }: Execution,
  stored: StoredOperation,
  { known }: Pick<WorkPage, 'known'>,
): void {
  const { operation } = stored;
  const detail = 'no change needed (no request sent)';
  const change: SnapshotChange =
    operation.action === 'members'
      ? { kind: 'members', added: operation.add, removed: operation.remove }
      : { kind: 'keep' };
  const outcome: Outcome = { kind: 'done', status: 200, detail };
  const answer = { stored, outcome, known: known.get(recordKey(operation)) };
  record(deps, round, answer, { change, followUp: 'none', ...noRequests }, () =>
    report(deps.emit, deps.target.name, operation, { result: 'done', status: 200, detail }, outcomeCounts),
  );
}

/** Ends the removals whose accounts are proven missing. Where no other account is found either, nothing is proven. */
export async function recordNotFound(execution: Execution): Promise<void> {
  const { deps, round, notFound, stop } = execution;
  if (notFound.length === 0) return;
  const doubt = isOver(execution)
    ? 'the pass ended before another account was read'
    : await doubtAboutAbsence(deps, round, stop);
  for (const answer of notFound.splice(0))
    recordAnswer(execution, withOutcome(answer, withDoubtAboutAbsence(answer.result.outcome, doubt)));
  await deps.ledger.flush();
}

/** One list of the target decides about all accounts of the round whose absence no look-up could prove. */
export async function proveByList(execution: Execution): Promise<void> {
  const { deps, round, stop } = execution;
  for (const answer of execution.unproven) {
    const { stored, result, page } = answer;
    const { operation } = stored;
    const known = page.known.get(recordKey(operation));
    const outcome = isOver(execution)
      ? result.outcome
      : await provedByList(deps, round.spec, operation, result.outcome, known, stop);
    recordAnswer(execution, withOutcome(answer, outcome));
    // The next one may be that of the same account.
    await deps.ledger.flush();
  }
}

const withOutcome = (answer: Answer, outcome: Outcome): Answer => ({
  ...answer,
  result: { ...answer.result, outcome },
});
