import { InvariantError } from '../../model/errors.ts';
import { totalCount } from '../../model/plan.ts';
import { exitCodeOf } from '../../plan/exit-code.ts';
import type { DryRunTransaction } from '../../store/store.ts';
import type { Emit } from '../../sync/events.ts';
import type { PreparedPass } from '../../sync/plan-pass.ts';
import { compareWithTarget } from '../../sync/comparison/compare-with-target.ts';
import type { Context, ExitCode } from '../context.ts';
import { runPlan, type DryRunFlags } from '../pass/run-plan.ts';
import { showFindingsAsJson, showFindingsAsText } from '../print/findings.ts';
import { isJoinFailed, joinedSourceLines } from '../source/joined-sources-text.ts';
import { judgementsLine } from '../print/judgements.ts';
import { showPlanAsJson } from '../print/json-lines.ts';
import { showPlanAsText } from '../print/plan-text.ts';
import { subjectDecisionLine, subjectDecisionText } from '../print/explain/subject-decision.ts';
import { referenceNames } from '../print/reference-names.ts';
import { isPending } from '../print/suspensions-text.ts';
import { bufferRequestCounts } from '../buffered-request-counts.ts';
import { logEvents } from '../pass-events.ts';
import { connect } from '../wire.ts';

/** Options of `plan`. */
export interface PlanFlags extends DryRunFlags {
  readonly json: boolean;
  readonly exitCode: boolean;
  readonly readTargets: boolean;
  /** The file of a page with the plan. */
  readonly html?: string | undefined;
}

/**
 * `plan`: shows what `sync` would do. It works on a copy of the state, which is lost afterwards. Sends nothing to a
 * target; with `--read-targets` it sends GET requests.
 */
export async function planCommand(context: Context, flags: PlanFlags): Promise<ExitCode> {
  const emitOf = (isRunning: boolean): Emit => {
    const log = logEvents(context, { isRunning });
    return (event) => {
      log(event);
      if (flags.json && event.type === 'judged') context.console.out(JSON.stringify(judgementsLine(event)));
    };
  };
  return runPlan(context, flags, emitOf, async (planned, tx) => {
    if (flags.json) {
      for (const line of joinedSourceLines(planned.joinedSources)) context.console.out(JSON.stringify(line));
      await showPlanAsJson(tx.journal, planned, context.console);
    } else
      await showPlanAsText(tx.journal, planned, context.console, {
        zone: context.config.source.users.timezone,
        namesOf: referenceNames({ nameAtTarget: tx.journal.nameAtTarget, mirror: tx.mirror }),
      });
    if (flags.html !== undefined) {
      const { writePlanPage } = await import('../page/write-plan-page.ts');
      await writePlanPage(flags.html, tx.journal, planned, context.config);
    }
    for (const one of planned.decisions)
      context.console.out(flags.json ? JSON.stringify(subjectDecisionLine(one)) : subjectDecisionText(one));
    const isCompared = !flags.readTargets || (await compareTargets(context, flags, tx, planned));
    return isCompared ? exitCodeOfPlan(planned, flags.exitCode) : 1;
  });
}

/** The exit code of a plan. @param showsChanges whether changes have an exit code of their own */
export const exitCodeOfPlan = (
  { plans, rejected, joinedSources, keyChanges, paused }: PreparedPass,
  showsChanges: boolean,
): ExitCode =>
  exitCodeOf({
    failed: rejected > 0 || isJoinFailed(joinedSources) || plans.some(({ problems }) => problems > 0),
    held:
      keyChanges.total > 0 ||
      paused.some(isPending) ||
      plans.some(({ verdict, frozen }) => verdict.kind === 'hold' || frozen.total > 0),
    unsent: false,
    changes: showsChanges && plans.some(({ counts }) => totalCount(counts) > 0),
  });

/**
 * Lists each planned target, and shows what the lists add to the plan. @returns whether all lists were complete
 */
async function compareTargets(
  context: Context,
  { json }: PlanFlags,
  store: DryRunTransaction,
  { pass, plans, prepared }: PreparedPass,
): Promise<boolean> {
  const { config, console, stop } = context;
  let areComplete = true;
  for (const one of plans) {
    const target = prepared.get(one.target);
    const settings = config.targets.find(({ name }) => name === one.target);
    if (target === undefined || settings === undefined)
      throw new InvariantError(`${one.target} was planned without a configuration`);
    const { requestCounts } = await store.target(one.target);
    // The dry run leaves no trace in the state: it keeps to the quotas, and its requests are not counted.
    const connection = connect(settings, bufferRequestCounts(requestCounts.since));
    try {
      const deps = { store, target: connection, emit: logEvents(context) };
      const steps = compareWithTarget(deps, { ...target, pass, plan: one }, stop);
      const isComplete = await (json ? showFindingsAsJson : showFindingsAsText)(one.target, steps, console);
      areComplete &&= isComplete;
    } finally {
      connection.close();
    }
  }
  return areComplete;
}
