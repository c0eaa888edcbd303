import type { Random } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { recordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { lastRemovalPhase, phases } from '../../plan/phases.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import type { StoredOperation } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { isAtTarget } from '../evaluate-record.ts';
import { waitingForName } from '../names/waiting-for-name.ts';
import { waitWithNews } from '../rounds/wait-with-news.ts';
import { verifyRemovals } from '../verification/verify-removals.ts';
import { withoutWaitingMembers } from './adopted-names.ts';
import { createAdoption } from './adoption.ts';
import {
  isOver,
  noRequests,
  proveByList,
  recordAnswer,
  recordNoChange,
  recordNotFound,
  reportOutcome,
  type Execution,
  type Interruption,
  type SharedExecution,
} from './answers.ts';
import { deactivateInstead, hasRemainingMemberships } from './deactivate-instead.ts';
import { withoutExistingMembers } from './existing-members.ts';
import { lookUp, prepare, withNewIds, type Lookups } from './prepare.ts';
import type { OutcomeCounts } from './record.ts';
import { send } from './send.ts';
import { readBefore } from './settled-by-reading.ts';
import { lookAgain, verifyUnanswered } from './unanswered-creates.ts';
import { mayOverlap, restOfWave } from './waves.ts';

/**
 * Small enough that the garbage collector frees a page while it is young: objects that live longer are expensive to
 * collect.
 */
const pageSize = 100;

/** What `execute` needs besides its round. */
export interface ExecutionOptions {
  readonly outcomeCounts: OutcomeCounts;
  readonly random: Random;
  readonly stop: AbortSignal;
  readonly news: Interruption;
  /** Of the round that this one, which is news, interrupts. */
  readonly shared?: SharedExecution | undefined;
}

/**
 * Sends the operations of one round to one target, phase by phase and wave by wave. Inside a wave, operations run
 * concurrently. News comes first: the round waits for its requests in flight, and continues after the news.
 *
 *     round 0    create ─ create ─┐                        ┌─ create ─ …
 *     round 1                     └─ deactivate ─ create ──┘              news
 *
 * Ends early when `stop` is aborted or the target becomes unavailable: the next pass finds again what was not sent.
 *
 * @returns whether members of the round wait for the next one, so that the round has fewer operations than planned
 */
export async function execute(deps: ExecutionDeps, round: ExecutionRound, options: ExecutionOptions): Promise<boolean> {
  const { outcomeCounts, stop, news, shared } = options;
  const execution: Execution = {
    ...{ deps, round, outcomeCounts, stop, news },
    adoption: createAdoption(deps, round),
    unanswered: shared?.unanswered ?? [],
    unproven: [],
    notFound: [],
    waitingMembers: shared?.waitingMembers ?? new Set(),
  };
  await sendAll(execution, options.random);
  await recordNotFound(execution);
  await proveByList(execution);
  // The round that the news interrupts also looks up the creates of the news: its operations need not wait for them.
  if (shared === undefined) await lookAgainWithNews(execution);
  return execution.waitingMembers.size > 0;
}

/** Looks up unanswered creates again: those of the round, and then those of news that came meanwhile. */
async function lookAgainWithNews(execution: Execution): Promise<void> {
  const { deps, round, stop } = execution;
  const news = {
    isPending: () => execution.news.isPending() && !isOver(execution),
    execute: () => executeNews(execution),
  };
  const wait = (until: Instant): Promise<boolean> => waitWithNews(deps.clock, until, news, stop);
  while (execution.unanswered.length > 0)
    await lookAgain(deps, round, execution.unanswered.splice(0), { stop, wait }, ({ stored }, outcome) => {
      reportOutcome(execution, stored.operation, outcome);
    });
}

/** How far a round is. */
interface Progress {
  previous: StoredOperation | undefined;
  areRemovalsVerified: boolean;
  createsGroups: boolean;
  /** The rest is not sent. */
  isOver: boolean;
}

async function sendAll(execution: Execution, random: Random): Promise<void> {
  const { deps, round, outcomeCounts, stop } = execution;
  const { journal, target } = deps;
  const verify = (): Promise<void> => verifyRemovals({ deps, round, random, outcomeCounts, stop });
  const progress: Progress = {
    previous: undefined,
    areRemovalsVerified: false,
    createsGroups: false,
    isOver: false,
  };
  for (;;) {
    if (execution.news.isPending() && !isOver(execution)) await executeNews(execution);
    const page = await journal.operations(round.pass, round.spec.name, round.round, progress.previous, pageSize);
    if (page.length === 0) break;
    await sendPage(execution, page, progress, verify);
    if (progress.isOver) break;
  }
  await target.idle();
  if (progress.isOver) return;
  await recordNotFound(execution);
  if (!progress.areRemovalsVerified) await verify();
}

async function executeNews(execution: Execution): Promise<void> {
  await execution.deps.target.idle();
  // What an answer meant must be known before the news is planned.
  await recordNotFound(execution);
  await execution.news.execute(execution);
}

/** Sends the operations of a page, until news arrives or the round is over. */
async function sendPage(
  execution: Execution,
  page: readonly StoredOperation[],
  progress: Progress,
  verify: () => Promise<void>,
): Promise<void> {
  const { deps, round } = execution;
  const { journal, target } = deps;
  const failedBefore = journal.failedBefore(page.map(({ id }) => id));
  let lookups: Lookups | undefined;
  for (const [index, stored] of page.entries()) {
    progress.createsGroups ||= stored.phase === phases.createGroups;
    const isBulk = target.usesBulk && !progress.createsGroups;
    if (!progress.areRemovalsVerified && stored.phase > lastRemovalPhase) {
      await target.idle();
      progress.areRemovalsVerified = true;
      await recordNotFound(execution);
      await verify();
    }
    if (progress.previous === undefined || !mayOverlap(progress.previous, stored, isBulk)) {
      await target.idle();
      lookups = undefined;
    }
    // In this order: what ends the pass of the lane is noticed together with the news.
    const isNewsPending = execution.news.isPending();
    progress.isOver = isOver(execution);
    if (progress.isOver || isNewsPending) return;
    progress.previous = stored;
    // Held, superseded, or recorded before the round began.
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
