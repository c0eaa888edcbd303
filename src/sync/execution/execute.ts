import type { Random } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { recordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { lastRemovalPhase, phases } from '../../plan/phases.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import type { StoredOperation, WorkPage } from '../../store/store.ts';
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
import { deactivateInstead } from './deactivate-instead.ts';
import { withoutExistingMembers } from './pages/existing-members.ts';
import { prepare } from './pages/prepare.ts';
import { mayOverlap } from './pages/waves.ts';
import { openWork } from './pages/work.ts';
import type { OutcomeCounts } from './record.ts';
import { send } from './send.ts';
import { readBefore } from './settled-by-reading.ts';
import { lookAgain, verifyUnanswered } from './unanswered-creates.ts';

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
    work: openWork(deps.serving, deps.ledger, round),
    adoption: createAdoption(deps, round),
    unanswered: shared?.unanswered ?? [],
    unproven: [],
    notFound: [],
    waitingMembers: shared?.waitingMembers ?? new Set(),
  };
  await sendAll(execution, options.random);
  await recordNotFound(execution);
  await proveByList(execution);
  await deps.ledger.flush();
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
    await lookAgain(
      deps,
      round,
      execution.work,
      execution.unanswered.splice(0),
      { stop, wait },
      ({ stored }, outcome) => {
        reportOutcome(execution, stored.operation, outcome);
      },
    );
}

/** How far a round is. */
interface Progress {
  /** The last operation that was sent. */
  previous: StoredOperation | undefined;
  areRemovalsVerified: boolean;
  createsGroups: boolean;
}

async function sendAll(execution: Execution, random: Random): Promise<void> {
  const { deps, round, outcomeCounts, stop } = execution;
  const verify = (): Promise<void> => verifyRemovals({ deps, round, random, outcomeCounts, stop });
  const progress: Progress = {
    previous: undefined,
    areRemovalsVerified: false,
    createsGroups: false,
  };
  for (;;) {
    if (execution.news.isPending() && !isOver(execution)) {
      await executeNews(execution);
    }
    const page = await nextPage(execution, progress);
    const [first] = page.operations;
    if (first === undefined) break;
    if (!progress.areRemovalsVerified && first.phase > lastRemovalPhase) {
      await settle(execution);
      await recordNotFound(execution);
      await verify();
      // The page shows the state before.
      progress.areRemovalsVerified = true;
      continue;
    }
    await sendPage(execution, page, progress);
    if (isOver(execution)) break;
  }
  await settle(execution);
  if (isOver(execution)) return;
  await recordNotFound(execution);
  if (!progress.areRemovalsVerified) await verify();
}

async function executeNews(execution: Execution): Promise<void> {
  await settle(execution);
  // What an answer meant must be known before the news is planned.
  await recordNotFound(execution);
  await execution.news.execute(execution);
}

/**
 * The next operations: the rest of the wave, or else the next wave. What the operations before changed is in the page,
 * unless both may be sent side by side.
 */
async function nextPage(execution: Execution, progress: Progress): Promise<WorkPage> {
  const { work, deps } = execution;
  const { previous } = progress;
  const next = (wave: 'same' | 'next'): Promise<WorkPage> => work.next({ after: previous, wave, limit: pageSize });
  if (previous !== undefined) {
    const rest = await next('same');
    if (rest.operations.length > 0) return rest;
  }
  const [mayUseBulk, isLateEnough] = [deps.target.usesBulk, (previous?.phase ?? 0) >= phases.createUsers];
  if (previous !== undefined && mayUseBulk && isLateEnough) {
    const page = await next('next');
    const [first] = page.operations;
    if (first === undefined || mayOverlap(previous, first, isBulk(execution, progress, first))) return page;
  }
  await settle(execution);
  return next('next');
}

function isBulk({ deps }: Execution, progress: Progress, { phase }: StoredOperation): boolean {
  progress.createsGroups ||= phase === phases.createGroups;
  return deps.target.usesBulk && !progress.createsGroups;
}

/** Waits for the operations in flight, and saves what they changed. */
async function settle({ deps, work }: Execution): Promise<void> {
  await deps.target.idle();
  await deps.ledger.flush();
  work.settled();
}

/** Sends the operations of a page, until news arrives or the round is over. */
async function sendPage(execution: Execution, page: WorkPage, progress: Progress): Promise<void> {
  const { deps, adoption, stop } = execution;
  for (const stored of page.operations) {
    progress.createsGroups ||= stored.phase === phases.createGroups;
    // In this order: what ends the pass of the lane is noticed together with the news.
    const isNewsPending = execution.news.isPending();
    if (isOver(execution) || isNewsPending) return;
    progress.previous = stored;
    const { action, resourceType } = stored.operation;
    if (action === 'create' && !adoption.isListed(resourceType)) await adoption.listIfWorthwhile(resourceType, stop);
    if (isCertain(execution, stored, page)) deps.ledger.announce(stored.id);
    await deps.target.submit(() => executeOperation(execution, stored, page));
  }
}

/**
 * Whether an operation will be sent in any case: then its mark need not wait until its turn comes, and no result
 * without a request is looked for.
 */
function isCertain(
  { deps: { readAccounts }, adoption }: Execution,
  { operation, waitsFor }: StoredOperation,
  { known, unansweredCreates }: WorkPage,
): boolean {
  const record = recordKey(operation);
  if (waitsFor !== undefined || readAccounts.has(record) || unansweredCreates.has(record)) return false;
  if (operation.action === 'create') return !adoption.hasListed(operation.resourceType);
  return operation.action !== 'members' && operation.action !== 'delete' && isAtTarget(known.get(record));
}

/** One operation: the first of these steps that gives a result ends it. */
async function executeOperation(execution: Execution, stored: StoredOperation, page: WorkPage): Promise<void> {
  const due = withoutWaitingMembers(stored.operation, execution.waitingMembers);
  if (due === undefined) return;
  const operation = withoutExistingMembers(due, page.memberships.get(stored.id));
  if (operation === undefined) return recordNoChange(execution, { ...stored, operation: due }, page);
  const record = recordKey(operation);
  const known = page.known.get(record);
  if (operation.action === 'delete' && page.remainingMemberships.has(record))
    return deactivateInstead(execution, { ...stored, operation }, known, (deactivation) =>
      sendOperation(execution, stored.id, deactivation, page),
    );
  const current = operation === stored.operation ? stored : { ...stored, operation };
  const isSent = isCertain(execution, current, page);
  const result =
    (isSent ? undefined : await resultWithoutSending(execution, current, page)) ??
    (await sendOperation(execution, stored.id, operation, page));
  const answer = { stored: current, result, page };
  if ('isProvableByList' in result.outcome) execution.unproven.push(answer);
  else if (isNotFoundUser(operation, result.outcome)) execution.notFound.push(answer);
  else recordAnswer(execution, answer);
}

const isNotFoundUser = (operation: Operation, outcome: Outcome): boolean =>
  operation.resourceType === 'User' && isRemoval(operation) && outcome.kind === 'notFound';

/** The result of an operation that needs no request of its own; undefined: it is to be sent. */
async function resultWithoutSending(
  { deps, round, adoption, stop }: Execution,
  stored: StoredOperation,
  page: WorkPage,
): Promise<PerformResult<Outcome> | undefined> {
  const { id, operation } = stored;
  const known = page.known.get(recordKey(operation));
  return (
    (await waitingForName(deps, round, stored, page)) ??
    (await verifyUnanswered(deps, round, { id, operation, page }, stop)) ??
    (await adoption.findListed(operation)) ??
    readBefore(deps, operation, known) ??
    withoutAccount(operation, known)
  );
}

function sendOperation(
  { deps, round, adoption, stop }: Execution,
  id: number,
  operation: Operation,
  page: WorkPage,
): Promise<PerformResult<Outcome>> {
  const paths = round.mapping.paths(operation.resourceType);
  const prepared = prepare(operation, id, page, { paths, mayDuplicate: adoption.mayDuplicate(operation) });
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
