import type { RejectionReport } from '../store/store.ts';
import { ImplausibleReading, InvariantError, OperatorError } from '../model/errors.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import type { Freeze, KeyChanges } from '../store/store.ts';
import type { PassOptions, PlanDeps, SyncDeps } from './context.ts';
import { planId } from './guard/plan-id.ts';
import type { PausedTarget } from './suspensions/paused-targets.ts';
import type { JoinedSourceReport } from './joins/read-joined-sources.ts';
import { planPass, type PlannedPass, type PreparedPass } from './plan-pass.ts';
import { preemptible } from './preemption.ts';
import { endUnanswered } from './verification/end-unanswered.ts';
import { syncTarget } from './rounds/sync-target.ts';
import type { TargetReport } from './run-target.ts';

/** Options of a pass that also sends. */
export interface SyncOptions extends PassOptions {
  /** Executes only the plan with this id; undefined: the current plan. */
  readonly plan: string | undefined;
  /** Aborted when the source has changed since the pass began; execution is then preempted by another pass. */
  readonly sourceChanged?: AbortSignal | undefined;
  /** Called once all targets are planned, before the first request. */
  readonly onPlanned?: (() => void) | undefined;
}

/** The result of a pass at all targets. */
export interface SyncReport {
  readonly pass: number;
  readonly reports: readonly TargetReport[];
  readonly rejected: number;
  /** How the reading differs from the last one, where it was accepted. */
  readonly judgements: readonly Judgement[];
  /** Users whose key seems to have changed, and who wait for a decision. */
  readonly keyChanges: KeyChanges;
  /** The rejected rows of the source, and which absent users and groups they keep. */
  readonly rejections: RejectionReport;
  /** The targets of this pass that an operator set aside, and what the pass did not do there. */
  readonly paused: readonly PausedTarget[];
  /** The users for whom nothing is changed. */
  readonly freezes: readonly Freeze[];
  /** What the pass found out about joined sources; empty if it did not read them. */
  readonly joinedSources: readonly JoinedSourceReport[];
  /** The source returned no users, so its reading was not accepted. */
  readonly isEmpty: boolean;
  /** The pass ended before the last operation was sent: it was stopped or preempted. */
  readonly stopped: boolean;
}

/**
 * The dry run: reads, compares and judges as `sync` does, in a transaction that is rolled back. `show` runs before the
 * rollback.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function plan<T>(
  deps: PlanDeps,
  options: PassOptions,
  show: (planned: PreparedPass & { readonly id: string }) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  return deps.store.dryRun(async () => {
    const planned = await planPass(deps, options, stop);
    return show({ ...planned, id: await idOf(deps, planned) });
  });
}

/**
 * One pass: reads the source and plans all targets in one transaction, then executes each target's plan independently
 * of the others.
 *
 * @throws IncompleteReading, OperatorError: nothing was planned and nothing was sent
 */
export async function sync(deps: SyncDeps, options: SyncOptions, stop: AbortSignal): Promise<SyncReport> {
  const { journal } = deps.store;
  const startedAt = deps.clock.now();
  const planned = await planOrRecordFailure(deps, options, stop);
  options.onPlanned?.();
  const preemption = preemptible(deps.clock, options.sourceChanged, deps.clock.now() - startedAt, stop);
  const results = await Promise.allSettled(
    planned.plans.map(async (firstPlan) => {
      const target = planned.prepared.get(firstPlan.target);
      if (target === undefined) throw new InvariantError(`${firstPlan.target} was planned without a compiled mapping`);
      const report = await syncTarget(deps, options, { ...planned, ...target }, firstPlan, preemption.signal);
      await endUnanswered(journal, firstPlan.target);
      await journal.saveSummary(planned.pass, firstPlan.target, report);
      return report;
    }),
  );
  preemption.end();
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const reports = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  const stopped = preemption.signal.aborted;
  const result = stopped ? 'stopped' : reports.some(({ failed }) => failed > 0) ? 'failed' : 'done';
  const note = preemption.wasPreempted() ? 'preempted by a change in the source' : options.note;
  await journal.end(planned.pass, deps.clock.now(), result, note);
  const { pass, rejected, judgements, keyChanges, rejections, joinedSources, paused, freezes, isEmpty } = planned;
  const found = { rejected, judgements, keyChanges, rejections, joinedSources };
  return { pass, reports, ...found, paused, freezes, isEmpty, stopped };
}

/** A pass that cannot be planned leaves only its row in the journal, with the reason. */
async function planOrRecordFailure(deps: SyncDeps, options: SyncOptions, stop: AbortSignal): Promise<PreparedPass> {
  const { journal } = deps.store;
  const startedAt = deps.clock.now();
  try {
    return await deps.store.transaction(async () => {
      const result = await planPass(deps, options, stop);
      if (options.plan !== undefined) await requireSamePlan(deps, result, options.plan);
      return result;
    });
  } catch (error) {
    const { pass } = await journal.begin(options.command, startedAt);
    const refused = error instanceof OperatorError;
    await journal.end(
      pass,
      deps.clock.now(),
      stop.aborted ? 'stopped' : refused ? 'refused' : 'failed',
      error instanceof Error ? error.message : String(error),
      error instanceof ImplausibleReading ? error.judgements : undefined,
    );
    throw error;
  }
}

async function requireSamePlan(deps: PlanDeps, planned: PlannedPass, expectedId: string): Promise<void> {
  const id = await idOf(deps, planned);
  if (id !== expectedId) {
    throw new OperatorError(
      'plan.outOfDate',
      `plan ${expectedId} is out of date: the current plan is ${id}; nothing was done. ` +
        `Read it with "scimsync plan", then carry it out with "scimsync sync --plan ${id}".`,
    );
  }
}

function idOf(deps: PlanDeps, { pass, plans }: PlannedPass): Promise<string> {
  return planId(
    deps.store.journal,
    pass,
    plans.map(({ target }) => target),
  );
}
