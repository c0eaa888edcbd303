import { InvariantError, OperatorError } from '../../model/errors.ts';
import type { TargetPlan } from '../../model/plan.ts';
import type { SyncDeps } from '../context.ts';
import { closeAfterStop } from '../lanes/run-lane.ts';
import { openPass, type OpenedPass } from '../open-pass.ts';
import type { LaneError } from '../pass.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import { reportFrozen } from '../rounds/news.ts';
import { openTargetRun, reportUnsent } from '../run-target.ts';
import type { TargetReport } from '../target-report.ts';
import { endUnanswered } from '../verification/end-unanswered.ts';
import {
  noteOf,
  passOptionsOf,
  planTargets,
  readTarget,
  type PlannedUndo,
  type UndoOptions,
  type UnreadTarget,
} from './plan-undo-pass.ts';

/** The result of an undo that was carried out. */
export interface UndoReport {
  readonly pass: number;
  readonly reports: readonly TargetReport[];
  /** The targets whose undo failed by an error of scimsync or the state. */
  readonly errors: readonly LaneError[];
  readonly unread: readonly UnreadTarget[];
  /** The targets that are paused now, because their next pass would do again what was undone. */
  readonly paused: readonly string[];
}

/**
 * Carries out the undo of a pass: reads the accounts, plans all targets in one transaction, pauses the targets, and
 * sends. Only the plan with the id `expected` is carried out; undefined: the current one.
 *
 * @throws OperatorError: nothing was sent
 */
export async function undoPass(
  deps: SyncDeps,
  options: UndoOptions & { readonly expected: string | undefined },
  stop: AbortSignal,
): Promise<UndoReport> {
  const { store, clock } = deps;
  const opened = await openPass(deps, passOptionsOf(options), stop);
  const { pass } = opened;
  try {
    const planned = await planOnce(deps, opened, options, stop);
    const paused = await pauseTargets(deps, planned.plans, options);
    const { reports, errors } = await sendAll(deps, opened, planned, stop);
    const hasFailed = errors.length > 0 || planned.unread.length > 0 || reports.some(({ failed }) => failed > 0);
    const result = stop.aborted ? 'stopped' : hasFailed ? 'failed' : 'done';
    await store.journal.end(pass, clock.now(), result, noteOf(options));
    return { pass, reports, errors, unread: planned.unread, paused };
  } catch (error) {
    const result = stop.aborted ? 'stopped' : error instanceof OperatorError ? 'refused' : 'failed';
    await store.journal.end(pass, clock.now(), result, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function planOnce(
  deps: SyncDeps,
  opened: OpenedPass,
  options: UndoOptions & { readonly expected: string | undefined },
  stop: AbortSignal,
): Promise<PlannedUndo> {
  const { store } = deps;
  const { undone, expected, commands } = options;
  const read = await Promise.all(
    opened.targets.map(async (target) => {
      const of = { journal: store.journal, store: await store.target(target.spec.name) };
      return readTarget(deps, of, target, options, stop);
    }),
  );
  return store.planning(async (tx) => {
    const planned = await planTargets({ ...deps, store: tx }, opened, read, options);
    if (expected !== undefined && expected !== planned.id)
      throw new OperatorError(
        'plan.outOfDate',
        `plan ${expected} is out of date: the current plan that undoes pass ${undone} is ${planned.id}; ` +
          `nothing was done. Read it with "scimsync ${commands.show}", then carry it out with ` +
          `"scimsync ${commands.carryOut.replace(/ID$/, planned.id)}".`,
      );
    return planned;
  });
}

/**
 * The source still asks for what is undone, so the next pass of a target would do it again: the target is set aside
 * before the first request. @returns the targets that are set aside now
 */
async function pauseTargets(
  { store, clock }: SyncDeps,
  plans: readonly TargetPlan[],
  { operator, undone }: UndoOptions,
): Promise<readonly string[]> {
  const changed = plans.filter(({ cost }) => cost.requests > 0).map(({ target }) => target);
  if (changed.length === 0) return [];
  await store.command(async ({ suspensions, notices }) => {
    const before = new Set(suspensions.pauses().map(({ target }) => target));
    const at = clock.now();
    for (const target of changed) {
      if (before.has(target)) continue;
      const begun = { at, operator: operator.name, host: operator.host };
      await suspensions.pause({ target, begun, reason: `after undo of pass ${undone}` });
      await notices.leave({ command: 'pause', target }, at);
    }
  });
  return changed;
}

/** Sends the plans of all targets, side by side. An error ends the undo of its target only. */
async function sendAll(
  deps: SyncDeps,
  opened: OpenedPass,
  { plans }: PlannedUndo,
  stop: AbortSignal,
): Promise<Pick<UndoReport, 'reports' | 'errors'>> {
  const { journal } = deps.store;
  const reports: TargetReport[] = [];
  const errors: LaneError[] = [];
  await Promise.all(
    plans.map(async (plan) => {
      const { target } = plan;
      try {
        const report = await sendPlan(deps, opened, plan, stop);
        await journal.saveSummary(opened.pass, target, report);
        reports.push(report);
      } catch (error) {
        errors.push({ target, error });
        await journal.closeTarget(opened.pass, target, deps.clock.now()).catch(() => undefined);
      }
    }),
  );
  return { reports: reports.toSorted((one, other) => (one.target < other.target ? -1 : 1)), errors };
}

async function sendPlan(
  deps: SyncDeps,
  { pass, targets }: OpenedPass,
  plan: TargetPlan,
  stop: AbortSignal,
): Promise<TargetReport> {
  const prepared = targets.find(({ spec }) => spec.name === plan.target);
  if (prepared === undefined) throw new InvariantError(`${plan.target} was planned without a configuration`);
  reportFrozen(deps.emit, plan);
  const of: PreparedTarget & { readonly pass: number } = { ...prepared, pass };
  if (plan.cost.requests === 0) return withoutApproval(await reportUnsent(deps, { ...of, isEmpty: true }, plan));
  const stopping = closeAfterStop(deps, {}, stop);
  const run = await openTargetRun(stopping.deps, { ...of, isFull: false, subjects: [], staysRequeued: true }, stop);
  try {
    await run.begin();
    const noInterruption = { isPending: () => false, execute: () => Promise.resolve() };
    await run.execute({ round: 0, isLast: true, plan }, noInterruption);
    await endUnanswered(deps.store.journal, plan.target, deps.clock.now());
    return withoutApproval(await run.finish([plan]));
  } finally {
    run.close();
    stopping.end();
  }
}

/** `approve` is for the next pass of a target: what is held of an undo has no id of its own. */
const withoutApproval = (report: TargetReport): TargetReport => ({ ...report, hold: undefined });
