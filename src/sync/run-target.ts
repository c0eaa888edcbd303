import type { TargetPlan } from '../model/plan.ts';
import type { Instant } from '../model/ids.ts';
import type { RecordKey } from '../model/record-key.ts';
import type { RecordRef, ServingTarget } from '../store/store.ts';
import type { ExecutionDeps, ExecutionRound, SyncDeps } from './context.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Interruption } from './execution/answers.ts';
import { execute, type ExecutionOptions } from './execution/execute.ts';
import { hasMemoryOf } from './execution/orphans.ts';
import { createListings } from './execution/listings.ts';
import { readBackInDoubt } from './execution/read-back.ts';
import { createLedger } from './execution/pages/ledger.ts';
import { rememberLookUps } from './unknown-leavers/look-ups.ts';
import { nothingLookedUp, planUnknownLeavers, settleUnknownLeavers } from './unknown-leavers/unknown-leavers.ts';
import { reportHeld, type OutcomeCounts } from './execution/record.ts';
import { applyKnowledge } from './execution/target-knowledge.ts';
import type { Emit } from './events.ts';
import { maxNamedWaiting } from './plan-target.ts';
import { holdIn, reportOf, type TargetReport } from './target-report.ts';

/** A planned round, with what its execution needs. */
export interface PlannedRound extends Pick<ExecutionRound, 'round' | 'isLast'>, Pick<ExecutionOptions, 'shared'> {
  readonly plan: TargetPlan;
  /** Of a later reading than that of the pass; undefined: the mapping of the pass. */
  readonly mapping?: TargetMapping;
}

/** One target during one pass. */
export interface TargetRun {
  /** Reads back what is in doubt, and compares users without access with the target. Before round 0 is executed. */
  begin(): Promise<void>;
  /** Sends the operations of a round; reports those that its plan holds. `news` comes between two of them. */
  execute(round: PlannedRound, news: Interruption): Promise<void>;
  /** Whether the pass was stopped, or the target receives no more requests. */
  isOver(): boolean;
  /** Leaves what was not sent to the next pass. */
  endEarly(reason: string): void;
  /** Whether responses raised follow-ups that can still be sent. */
  hasFollowUps(): Promise<boolean>;
  /** Records operations that were not sent as skipped, and sums up all rounds. */
  finish(plans: readonly TargetPlan[]): Promise<TargetReport>;
  close(): void;
}

/**
 * Connects to a target, and applies what is known about it.
 *
 * @param run `isFull`: the ServiceProviderConfig is requested in any case
 */
export async function openTargetRun(
  deps: SyncDeps,
  run: Omit<ExecutionRound, 'round'> & {
    readonly isFull: boolean;
    readonly subjects?: readonly RecordRef[] | undefined;
  },
  stopPass: AbortSignal,
): Promise<TargetRun> {
  const { journal } = deps.store;
  const early = new AbortController();
  let endedBecause: string | undefined;
  const stop = AbortSignal.any([stopPass, early.signal]);
  const { spec, pass } = run;
  const outcomes: OutcomeCounts = { succeeded: 0, failed: 0, held: 0, skipped: 0, unconfirmed: 0 };
  const store = await deps.store.target(spec.name);
  const serving = await deps.store.serving(spec.name);
  const ledger = createLedger(serving, pass, deps.clock);
  const target = deps.connect(spec, store.requestCounts);
  try {
    const knowledge = await applyKnowledge(deps, store, target, run, stop);
    const { clock } = deps;
    const { emit, countCreated } = observeCreates(deps.emit);
    const hasMemory = await hasMemoryOf(store);
    const listings = createListings({ target, store, clock, emit }, { ...run, hasMemory, countCreated });
    const connected = { journal, store, serving, ledger, target, listings, clock, emit };
    const readAccounts = new Set<RecordKey>();
    const execution: ExecutionDeps = { ...connected, readAccounts };
    const changedRounds = new Set<number>();
    const isOver = (): boolean => stop.aborted || target.unavailableReason !== undefined;
    let comparison = nothingLookedUp;
    return {
      async begin() {
        await readBackInDoubt(connected, run, readAccounts, stop);
        if (run.subjects === undefined)
          comparison = await planUnknownLeavers(deps.store, execution, run, outcomes, stop);
      },
      async execute({ round, isLast = false, plan, mapping = run.mapping, shared }, news) {
        const executed = { ...run, round, isLast, mapping };
        for (const earlier of plan.superseded ?? []) changedRounds.add(earlier);
        if (plan.verdict.kind === 'hold') await reportHeld(deps, executed, outcomes);
        const options = { outcomeCounts: outcomes, random: deps.random, stop, news, shared };
        if (await execute(execution, executed, options)) changedRounds.add(round);
        if (await knowledge.doubtIgnored()) await readBackInDoubt(connected, run, readAccounts, stop);
      },
      isOver,
      endEarly(reason) {
        endedBecause = reason;
        early.abort(new Error(reason));
      },
      async hasFollowUps() {
        return !isOver() && (await store.hasFollowUps());
      },
      async finish(plans) {
        // A state without memory may have been lost, and the target may hold accounts of leavers, also where none was
        // adopted.
        const isEnded = isOver();
        const isCompared = !isEnded && run.subjects === undefined;
        const unanswered = comparison.open - (await rememberLookUps(execution, run, comparison.lookedUp));
        const unmatched = isCompared
          ? await settleUnknownLeavers(execution, run, comparison, unanswered, stop)
          : undefined;
        if (!hasMemory && !isEnded) await listings.ensure('User', stop);
        await knowledge.save(outcomes.succeeded > 0);
        const unavailable = stop.aborted ? undefined : (target.unavailableReason ?? unmatched);
        if (unavailable !== undefined) deps.emit({ type: 'stopped', target: spec.name, detail: unavailable });
        const detail = unavailable ?? endedBecause ?? 'the pass was stopped before this operation was sent';
        const skipped = await journal.skipRemaining(pass, spec.name, detail);
        const isSent = !stop.aborted && unavailable === undefined && skipped === 0;
        if (isSent && run.subjects === undefined) await endFirstLoad(store, outcomes, deps.clock.now());
        const waitingForNames = await journal.waitingForNames(pass, spec.name, maxNamedWaiting);
        const unmanaged = await store.orphans.counts();
        const sent = { ...outcomes, skipped: outcomes.skipped + skipped };
        const sentPlans = await Promise.all(
          plans.map(async (plan, round) =>
            changedRounds.has(round) || plans.length > 1
              ? { ...plan, counts: await journal.counts(pass, spec.name, round) }
              : plan,
          ),
        );
        const hold = await holdIn(deps, run, plans);
        return reportOf(sentPlans, sent, target.counters, { hold, unavailable, unmanaged, waitingForNames });
      },
      close: () => {
        target.close();
      },
    };
  } catch (error) {
    target.close();
    throw error;
  }
}

/**
 * The first load ends with a pass that sent all that it planned, and to which the target agreed for the most part:
 * after another one, creates still need no approval. Single refused users, and memberships that wait for them, do not
 * keep it open.
 */
async function endFirstLoad(store: ServingTarget, outcomes: OutcomeCounts, now: Instant): Promise<void> {
  const { succeeded, failed } = outcomes;
  if (failed <= succeeded && (await store.state()).loadedAt === undefined) await store.markLoaded(now);
}

/** The report of a target without operations to send. */
export async function reportUnsent(
  deps: SyncDeps,
  run: Omit<ExecutionRound, 'round'> & { readonly isEmpty: boolean },
  plan: TargetPlan,
): Promise<TargetReport> {
  const outcomes: OutcomeCounts = { succeeded: 0, failed: 0, held: 0, skipped: 0, unconfirmed: 0 };
  if (plan.verdict.kind === 'hold') await reportHeld(deps, { ...run, round: 0 }, outcomes);
  if (!run.isEmpty) await endFirstLoad(await deps.store.target(run.spec.name), outcomes, deps.clock.now());
  const { orphans } = await deps.store.target(run.spec.name);
  const counters = { requests: 0, retries: 0, verifications: 0 };
  const { waitingForNames } = plan;
  const unmanaged = await orphans.counts();
  const hold = await holdIn(deps, run, [plan]);
  return reportOf([plan], outcomes, counters, { hold, unavailable: undefined, unmanaged, waitingForNames });
}

/** Passes events on, and counts the users that this run created. */
function observeCreates(emit: Emit): { readonly emit: Emit; readonly countCreated: () => number } {
  let created = 0;
  return {
    emit(event) {
      if (event.type === 'operation' && event.result === 'done') {
        const { action, resourceType } = event.operation;
        if (action === 'create' && resourceType === 'User') created += 1;
      }
      emit(event);
    },
    countCreated: () => created,
  };
}
