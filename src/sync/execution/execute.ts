import type { Random } from '../../model/clock.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import { evidenceOf, type Outcome, type SnapshotChange } from '../../model/outcome.ts';
import type { SourceKey } from '../../model/ids.ts';
import { recordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { lastRemovalPhase, phases } from '../../plan/phases.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import type { StoredOperation } from '../../store/store.ts';
import { maxRounds, type ExecutionDeps, type ExecutionRound } from '../context.ts';
import { adoptsOtherName, withoutWaitingMembers } from './adopted-names.ts';
import { verificationOf } from '../verification/pending.ts';
import { verifyRemovals } from '../verification/verify-removals.ts';
import { settle } from '../settle.ts';
import { isAtTarget } from '../evaluate-record.ts';
import { deactivateInstead, hasRemainingMemberships } from './deactivate-instead.ts';
import { createAdoption, type Adoption } from './adoption.ts';
import { doubtAboutAbsence, withDoubtAboutAbsence } from './control-accounts.ts';
import { record, report, resultOf, type OutcomeCounts } from './record.ts';
import { lookUp, prepare, withNewIds, type Lookups } from './prepare.ts';
import { provedByList } from './prove-by-list.ts';
import { send } from './send.ts';
import { mayOverlap, restOfWave } from './waves.ts';
import { waitingForName } from '../names/waiting-for-name.ts';
import { withoutExistingMembers } from './existing-members.ts';
import { readBefore } from './settled-by-reading.ts';
import {
  withoutEarlyEnd,
  lookAgain,
  verifyUnanswered,
  withDoubt,
  type UnansweredCreate,
} from './unanswered-creates.ts';

/**
 * Small enough that the garbage collector frees a page while it is young: objects that live longer are expensive to
 * collect.
 */
const pageSize = 100;

/** What the operations of one round share. */
interface Execution {
  readonly deps: ExecutionDeps;
  readonly round: ExecutionRound;
  readonly adoption: Adoption;
  readonly outcomeCounts: OutcomeCounts;
  readonly stop: AbortSignal;
  /** Creates of the round that are looked up again once everything else is sent. */
  readonly unanswered: UnansweredCreate[];
  /** Answers that a complete list of the accounts may decide, once everything else is sent. */
  readonly unproven: Answer[];
  /** Removals of users whose accounts were not found, until a control has shown that the target is the right one. */
  readonly notFound: Answer[];
  /** Users whose adopted accounts have other names: the round adds them to no group. */
  readonly waitingMembers: Set<SourceKey>;
}

interface Answer {
  readonly stored: StoredOperation;
  readonly result: PerformResult<Outcome>;
  /** A create of the record was sent in an earlier pass and got no response. */
  readonly isCreateInDoubt: boolean;
}

/**
 * Sends the operations of one round to one target, phase by phase and wave by wave. Inside a wave, operations run
 * concurrently.
 *
 * Ends early when `stop` is aborted or the target becomes unavailable: the next pass finds again what was not sent.
 *
 * @returns whether members of the round wait for the next one, so that the round has fewer operations than planned
 */
export async function execute(
  deps: ExecutionDeps,
  round: ExecutionRound,
  outcomeCounts: OutcomeCounts,
  random: Random,
  stop: AbortSignal,
): Promise<boolean> {
  const execution: Execution = {
    ...{ deps, round, outcomeCounts, stop },
    adoption: createAdoption(deps, round),
    unanswered: [],
    unproven: [],
    notFound: [],
    waitingMembers: new Set(),
  };
  await sendAll(execution, random);
  await recordNotFound(execution);
  await proveByList(execution);
  await lookAgain(deps, round, execution.unanswered, stop, ({ stored }, outcome) => {
    reportOutcome(execution, stored.operation, outcome);
  });
  return execution.waitingMembers.size > 0;
}

async function sendAll(execution: Execution, random: Random): Promise<void> {
  const { deps, round, outcomeCounts, stop } = execution;
  const { journal, target } = deps;
  const verification = { deps, round, random, outcomeCounts, stop };
  let areRemovalsVerified = false;
  let previous: StoredOperation | undefined;
  let createsGroups = false;
  for (;;) {
    const page = await journal.operations(round.pass, round.spec.name, round.round, previous, pageSize);
    if (page.length === 0) break;
    const failedBefore = journal.failedBefore(page.map(({ id }) => id));
    let lookups: Lookups | undefined;
    for (const [index, stored] of page.entries()) {
      createsGroups ||= stored.phase === phases.createGroups;
      const isBulk = target.usesBulk && !createsGroups;
      if (!areRemovalsVerified && stored.phase > lastRemovalPhase) {
        await target.idle();
        areRemovalsVerified = true;
        await recordNotFound(execution);
        await verifyRemovals(verification);
      }
      if (previous === undefined || !mayOverlap(previous, stored, isBulk)) {
        await target.idle();
        lookups = undefined;
      }
      if (isOver(execution)) {
        await target.idle();
        return;
      }
      previous = stored;
      // Held, or recorded before the round began.
      if (stored.state !== 'planned') continue;
      await listBeforeCreate(execution, stored.operation);
      // In a Bulk request, an operation may need the id of a record that is created just before it: each is looked up
      // when it begins.
      if (!isBulk) lookups ??= lookUp(restOfWave(page, index), deps.store, failedBefore, round.spec);
      const shared = lookups;
      await target.submit(() =>
        executeOperation(execution, stored, shared ?? lookUp([stored], deps.store, failedBefore, round.spec)),
      );
    }
  }
  await target.idle();
  await recordNotFound(execution);
  if (!areRemovalsVerified) await verifyRemovals(verification);
}

/** The pass was stopped, or the target receives no more requests. */
const isOver = ({ deps: { target }, stop }: Execution): boolean =>
  stop.aborted || target.unavailableReason !== undefined;

async function listBeforeCreate({ adoption, stop }: Execution, { action, resourceType }: Operation): Promise<void> {
  if (action === 'create') await adoption.listIfWorthwhile(resourceType, stop);
}

/** One operation: the first of these steps that gives a result ends it. */
async function executeOperation(execution: Execution, stored: StoredOperation, lookups: Lookups): Promise<void> {
  const due = withoutWaitingMembers(stored.operation, execution.waitingMembers);
  if (due === undefined) return;
  const operation = withoutExistingMembers(due, execution.deps.store);
  if (operation === undefined) return recordNoChange(execution, { ...stored, operation: due });
  if (hasRemainingMemberships(execution, operation))
    return deactivateInstead(execution, stored, operation, (deactivation) =>
      sendOperation(execution, stored.id, deactivation, lookups),
    );
  const result =
    (await waitingForName(execution.deps, execution.round, stored)) ??
    (await verifyUnanswered(execution.deps, execution.round, { id: stored.id, operation, lookups }, execution.stop)) ??
    (await execution.adoption.findListed(operation)) ??
    readBefore(execution.deps, operation) ??
    withoutAccount(operation, lookups.known.get(recordKey(operation))) ??
    (await sendOperation(execution, stored.id, operation, lookups));
  const isCreateInDoubt = lookups.createsInDoubt.has(recordKey(operation));
  const answer = { stored: { ...stored, operation }, result, isCreateInDoubt };
  if ('isProvableByList' in result.outcome) execution.unproven.push(answer);
  else if (isNotFoundUser(operation, result.outcome)) execution.notFound.push(answer);
  else await recordAnswer(execution, answer);
}

const isNotFoundUser = (operation: Operation, outcome: Outcome): boolean =>
  operation.resourceType === 'User' && isRemoval(operation) && outcome.kind === 'notFound';

/** Ends the removals whose accounts are proven missing. Where no other account is found either, nothing is proven. */
async function recordNotFound(execution: Execution): Promise<void> {
  const { deps, round, notFound, stop } = execution;
  if (notFound.length === 0) return;
  const doubt = isOver(execution)
    ? 'the pass ended before another account was read'
    : await doubtAboutAbsence(deps, round, stop);
  for (const answer of notFound.splice(0))
    await recordAnswer(execution, withOutcome(answer, withDoubtAboutAbsence(answer.result.outcome, doubt)));
}

/** One list of the target decides about all accounts of the round whose absence no look-up could prove. */
async function proveByList(execution: Execution): Promise<void> {
  const { deps, round, stop } = execution;
  for (const answer of execution.unproven) {
    const { stored, result } = answer;
    const { operation } = stored;
    const known = deps.store.known(operation.resourceType, operation.key);
    const outcome = isOver(execution)
      ? result.outcome
      : await provedByList(deps, round.spec, operation, result.outcome, known, stop);
    await recordAnswer(execution, withOutcome(answer, outcome));
  }
}

const withOutcome = (answer: Answer, outcome: Outcome): Answer => ({
  ...answer,
  result: { ...answer.result, outcome },
});

function sendOperation(
  { deps, round, adoption, stop }: Execution,
  id: number,
  operation: Operation,
  lookups: Lookups,
): Promise<PerformResult<Outcome>> {
  const paths = round.mapping.paths(operation.resourceType);
  const current = withNewIds(operation, lookups, deps.store);
  const prepared = prepare(operation, id, current, { paths, mayDuplicate: adoption.mayDuplicate(operation) });
  return send(deps, round, id, prepared, stop);
}

/** Writes the answer to the journal and what it means to the snapshot. */
async function recordAnswer(execution: Execution, { stored, result, isCreateInDoubt }: Answer): Promise<void> {
  const { deps, round, adoption } = execution;
  const { store } = deps;
  const { operation } = stored;
  const outcome = withoutEarlyEnd(deps, round, operation, result.outcome);
  const known = store.known(operation.resourceType, operation.key);
  if (outcome.kind === 'adopted') adoption.countConflict(operation.resourceType);
  const verification = verificationOf(operation, outcome, known, round.spec.verification, deps.clock.now());
  const settlement = settle(operation, outcome, known, result);
  const change = withDoubt(operation, settlement.change, result.retries > 0 || isCreateInDoubt);
  if (adoptsOtherName(operation, change)) execution.waitingMembers.add(operation.key);
  await record(deps, round, stored, outcome, { ...settlement, change, ...result, verification }, known);
  // A removal that is read back is reported by what the read shows.
  if (verification?.look === 1) return;
  if (operation.action === 'create' && outcome.kind === 'unknown' && outcome.lookAgain === true)
    execution.unanswered.push({ stored: { ...stored, operation }, result });
  else reportOutcome(execution, operation, outcome);
}

function reportOutcome({ deps, round, outcomeCounts }: Execution, operation: Operation, outcome: Outcome): void {
  report(
    deps.emit,
    deps.target.name,
    operation,
    {
      result: resultOf(operation, outcome),
      status: 'status' in outcome ? outcome.status : undefined,
      detail: 'detail' in outcome ? outcome.detail : undefined,
      evidence: evidenceOf(outcome),
      isTriedAgain: outcome.kind === 'valueTaken' && round.round < maxRounds - 1,
    },
    outcomeCounts,
  );
}

const noRequests = { requests: 0, retries: 0 };

async function recordNoChange({ deps, round, outcomeCounts }: Execution, stored: StoredOperation): Promise<void> {
  const { operation } = stored;
  const detail = 'no change needed (no request sent)';
  const change: SnapshotChange =
    operation.action === 'members'
      ? { kind: 'members', added: operation.add, removed: operation.remove }
      : { kind: 'keep' };
  const outcome: Outcome = { kind: 'done', status: 200, detail };
  await record(deps, round, stored, outcome, { change, followUp: 'none', ...noRequests });
  report(deps.emit, deps.target.name, operation, { result: 'done', status: 200, detail }, outcomeCounts);
}

/**
 * An operation on a resource that the target no longer has. A removal of a missing account is sent all the same: the
 * target may have it again.
 */
export function withoutAccount(
  operation: Operation,
  known: KnownState | undefined,
): PerformResult<Outcome> | undefined {
  const { action, resourceType } = operation;
  if (action === 'create' || action === 'verifyCreate' || isAtTarget(known)) return undefined;
  if (known !== undefined && isRemoval(operation)) return undefined;
  const label: Record<ResourceType, string> = { User: 'the account', Group: 'the group' };
  const detail = `${label[resourceType]} is not at the target; the next pass looks again`;
  return { outcome: { kind: 'skipped', detail }, ...noRequests };
}
