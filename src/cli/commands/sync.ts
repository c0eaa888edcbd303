import { exitCodeOf } from '../../plan/exit-code.ts';
import type { SyncReport } from '../../sync/pass.ts';
import type { PassEvent } from '../../sync/events.ts';
import { pausedByOperator } from '../../sync/lanes/lanes.ts';
import type { TargetReport } from '../../sync/target-report.ts';
import type { Store } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { withStore, type Context, type ExitCode } from '../context.ts';
import { isJoinFailed, joinedSourceLines, joinedSourcesText } from '../source/joined-sources-text.ts';
import { judgementsLine, judgementsText } from '../print/judgements.ts';
import { outcomeLines } from '../print/json-lines.ts';
import { keyChangeLines, keyChangesText } from '../print/key-changes.ts';
import { isPending, showSuspensions } from '../print/suspensions-text.ts';
import { rejectionsAsJson, rejectionsText } from '../print/rejections.ts';
import { subjectDecisionLine, subjectDecisionText } from '../print/explain/subject-decision.ts';
import { summaryLine, summaryText } from '../print/sync-summary.ts';
import { notifyAfter } from '../notify/notify-after.ts';
import { requireApproval, runSync, withNoticingLanes, type PassExtras, type PassFlags } from '../pass/run-sync.ts';
import { observePass } from '../pass-events.ts';
import { startTraces, type Traces } from '../watch/trace-passes.ts';

/** Options of `sync`. */
export interface SyncFlags extends PassFlags {
  readonly json: boolean;
}

/** `sync`: one pass. */
export async function syncCommand(context: Context, flags: SyncFlags): Promise<ExitCode> {
  requireApproval(flags);
  const traces = await startTraces(context, process.env, 'sync');
  try {
    return await notifyAfter(context, () => syncOnce(context, flags, traces));
  } finally {
    await traces.end();
  }
}

const syncOnce = (context: Context, flags: SyncFlags, traces: Traces): Promise<ExitCode> =>
  withStore(context, async (store) => {
    const report = await traces.traced(
      (watch) => withNoticingLanes(store, (lanes) => runPass(context, store, flags, { lanes, watch })),
      exitCodeOfSync,
    );
    requireNoErrors(report);
    for (const { target, reason } of report.preempted)
      context.log.warn(
        { target },
        reason === pausedByOperator
          ? `${target}: an operator paused it; what was not sent waits for "scimsync resume ${target}"`
          : `${target}: ${reason}; run "scimsync sync" again`,
      );
    return exitCodeOfSync(report);
  });

/** The exit code of `sync`, after which no pass goes on by itself: what an operator paused waits for a decision. */
export function exitCodeOfSync(report: SyncReport): ExitCode {
  const { preempted } = report;
  if (preempted.some(({ reason }) => reason !== pausedByOperator)) return 1;
  const code = exitCodeOfPass(report);
  return code === 0 && preempted.length > 0 ? 3 : code;
}

/** How a pass is shown. */
interface PassDisplay {
  /** When the summary of a target is shown: as soon as the target has left the pass, or at the end of the pass. */
  readonly summaries?: 'atOnce' | 'atEnd';
}

/** One pass over an open state. Prints operations and summaries, and shows the progress. */
export async function runPass(
  context: Context,
  store: Store,
  flags: SyncFlags,
  { summaries = 'atEnd', ...extras }: PassDisplay & Omit<PassExtras, 'onReport'> = {},
): Promise<SyncReport> {
  const { config, console } = context;
  const { nameAtTarget } = store.journal;
  const observer = observePass(context, nameAtTarget, (event) => {
    const { target, operation, result, status, detail, evidence, code } = event;
    if (flags.json)
      for (const line of outcomeLines(target, operation, { result, status, detail, evidence, code }))
        console.out(JSON.stringify(line));
  });
  const emit = (event: PassEvent): void => {
    observer.emit(event);
    extras.watch?.event?.(event);
    if (flags.json && event.type === 'judged') console.out(JSON.stringify(judgementsLine(event)));
  };
  const showSummary = (one: TargetReport): void => {
    if (flags.json) console.out(JSON.stringify(summaryLine(one)));
    else summaryText(one, observer.failuresAt(one.target), console.colors).forEach((line) => console.out(line));
  };
  const onReport = summaries === 'atOnce' ? showSummary : undefined;
  const report = await runSync(context, store, flags, emit, { ...extras, onReport }).finally(() => observer.end());
  if (summaries === 'atEnd') report.reports.forEach(showSummary);
  for (const decision of report.decisions)
    console.out(flags.json ? JSON.stringify(subjectDecisionLine(decision)) : subjectDecisionText(decision));
  showSuspensions(report, { json: flags.json, zone: config.source.users.timezone }, console);
  showSource(report, flags, console);
  return report;
}

/** What the pass found out about the source: judgements, changed keys, rejected rows. */
function showSource(
  { judgements, keyChanges, rejections, joinedSources }: SyncReport,
  { json }: Pick<SyncFlags, 'json'>,
  { out, colors }: Console,
): void {
  if (json) {
    const lines = [...keyChangeLines(keyChanges), ...rejectionsAsJson(rejections), ...joinedSourceLines(joinedSources)];
    for (const line of lines) out(JSON.stringify(line));
    return;
  }
  judgementsText(judgements, colors).forEach((line) => out(line));
  for (const line of keyChangesText(keyChanges)) out(colors.yellow(line));
  for (const line of rejectionsText(rejections)) out(colors.red(line));
  for (const line of joinedSourcesText(joinedSources, colors)) out(line);
}

/** @throws the error that ended the lane of a target; the other targets are done */
export function requireNoErrors({ errors: [failure] }: SyncReport): void {
  if (failure !== undefined) throw failure.error;
}

/** The exit code of a pass. */
export function exitCodeOfPass(report: SyncReport): ExitCode {
  const { reports, errors, unplanned, preempted, rejected, keyChanges, joinedSources, paused } = report;
  const isPreempted = (target: string): boolean => preempted.some((one) => one.target === target);
  return exitCodeOf({
    failed:
      rejected > 0 ||
      errors.length > 0 ||
      isJoinFailed(joinedSources) ||
      reports.some(
        (report) => report.failed > 0 || report.waiting > 0 || report.problems > 0 || report.unavailable !== undefined,
      ),
    held:
      keyChanges.total > 0 || paused.some(isPending) || reports.some(({ held, frozen }) => held !== null || frozen > 0),
    // What a preempted target left is planned again at once.
    unsent: unplanned.length > 0 || reports.some(({ target, skipped }) => skipped > 0 && !isPreempted(target)),
    changes: false,
  });
}
