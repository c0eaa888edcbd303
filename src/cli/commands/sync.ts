import type { Instant } from '../../model/ids.ts';
import type { Approval } from '../../model/plan.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import { OperatorError } from '../../model/errors.ts';
import { watchNotices } from '../../daemon/notices.ts';
import { exitCodeOf } from '../../plan/exit-code.ts';
import { noticingLanes } from '../../sync/lanes/noticing-lanes.ts';
import { sync, type SyncOptions, type SyncReport } from '../../sync/pass.ts';
import type { PassEvent } from '../../sync/events.ts';
import type { TargetReport } from '../../sync/target-report.ts';
import { stateFailure } from '../../store/sqlite/damage.ts';
import type { Store } from '../../store/store.ts';
import type { Console } from '../console.ts';
import {
  selectTargets,
  passOptions,
  subjectOfFlags,
  type SubjectFlags,
  withStore,
  type Context,
  type ExitCode,
} from '../context.ts';
import { isJoinFailed, joinedSourceLines, joinedSourcesText } from '../source/joined-sources-text.ts';
import { judgementsLine, judgementsText } from '../print/judgements.ts';
import { outcomeLines } from '../print/json-lines.ts';
import { keyChangeLines, keyChangesText } from '../print/key-changes.ts';
import { isPending, showSuspensions } from '../print/suspensions-text.ts';
import { rejectionsAsJson, rejectionsText } from '../print/rejections.ts';
import { subjectDecisionLine, subjectDecisionText } from '../print/explain/subject-decision.ts';
import { summaryLine, summaryText } from '../print/sync-summary.ts';
import { tidyState } from '../../sync/retention/tidy-state.ts';
import { notifyAfter } from '../notify/notify-after.ts';
import type { PassWatch } from '../page/watch-passes.ts';
import { observePass } from '../pass-events.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { connect, wireTargets } from '../wire.ts';
import { realClock, realRandom } from '../clock.ts';

/** Options of `sync`. */
export interface SyncFlags extends SubjectFlags {
  readonly target: readonly string[];
  readonly full: boolean;
  readonly retry?: boolean;
  readonly json: boolean;
  readonly allowRemovals: number | undefined;
  readonly plan: string | undefined;
  readonly reason?: string;
  readonly acceptSource: boolean;
  readonly adoptConflicts: boolean;
}

/** `sync`: one pass. */
export async function syncCommand(context: Context, flags: SyncFlags): Promise<ExitCode> {
  requireApproval(flags);
  return notifyAfter(context, () => syncOnce(context, flags));
}

const syncOnce = (context: Context, flags: SyncFlags): Promise<ExitCode> =>
  withStore(context, async (store) => {
    const report = await runNoticingPass(context, store, flags);
    requireNoErrors(report);
    for (const target of report.preempted)
      context.log.warn(
        { target },
        `${target}: an operator paused it; what was not sent waits for "scimsync resume ${target}"`,
      );
    const code = exitCodeOfPass(report);
    return code === 0 && report.preempted.length > 0 ? 3 : code;
  });

/** A pass that takes notice of pauses and freezes while it sends. Only an operator ends a lane of it early. */
async function runNoticingPass(context: Context, store: Store, flags: SyncFlags): Promise<SyncReport> {
  const lanes = noticingLanes(store.notices);
  const ended = new AbortController();
  void watchNotices(realClock, lanes.takeNotices, ended.signal);
  try {
    return await runPass(context, store, flags, { lanes });
  } finally {
    ended.abort();
  }
}

/** A reason without an approval would be lost. @throws OperatorError */
function requireApproval({ reason, allowRemovals, plan, acceptSource, adoptConflicts }: SyncFlags): void {
  if (reason === undefined || allowRemovals !== undefined || plan !== undefined || acceptSource || adoptConflicts)
    return;
  throw new OperatorError(
    'commandLine.reasonAlone',
    '--reason is the reason of an approval, and this command line approves nothing. Add --plan, --allow-removals, ' +
      '--accept-source or --adopt-conflicts, or leave an approval with "scimsync approve PLAN --reason …"',
    4,
  );
}

/** Options of a pass of the daemon, or of a command that requeued records. */
interface MoreOptions extends Pick<
  SyncOptions,
  'lanes' | 'onRead' | 'byLastReading' | 'notDue' | 'onlyRequeued' | 'note'
> {
  /** When the summary of a target is shown: as soon as the target has left the pass, or at the end of the pass. */
  readonly summaries?: 'atOnce' | 'atEnd';
  /** Measures the pass. */
  readonly watch?: PassWatch | undefined;
}

/** One pass over an open state. Prints operations and summaries, and shows the progress. */
export async function runPass(
  context: Context,
  store: Store,
  flags: SyncFlags,
  more: Partial<MoreOptions> = {},
): Promise<SyncReport> {
  const { config, console, stop } = context;
  const { nameAtTarget } = store.journal;
  const observer = observePass(context, nameAtTarget, (event) => {
    const { target, operation, result, status, detail, evidence, code } = event;
    if (flags.json)
      for (const line of outcomeLines(target, operation, { result, status, detail, evidence, code }))
        console.out(JSON.stringify(line));
  });
  const approval: Approval = {
    ...(flags.allowRemovals === undefined ? {} : { removals: flags.allowRemovals }),
    ...(flags.plan === undefined ? {} : { plan: flags.plan }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
  };
  const io = {
    store,
    source: wireSource(config),
    joinedSources: wireJoinedSources(config),
    targets: wireTargets(config, flags),
    clock: realClock,
    random: realRandom,
    emit(event: PassEvent) {
      observer.emit(event);
      more.watch?.event(event);
      if (flags.json && event.type === 'judged') console.out(JSON.stringify(judgementsLine(event)));
    },
    stopMs: config.stopMs,
    connect: (
      { name }: { readonly name: string },
      requestCounts: RequestCounts,
      onPause?: (until: Instant) => void,
    ) => {
      const target = config.targets.find((one) => one.name === name);
      if (target === undefined) throw new Error(`no configuration for ${name}`);
      const { watch } = more;
      if (watch === undefined) return connect(target, requestCounts, onPause);
      const onEitherPause = (until: Instant): void => {
        watch.pause(name, until);
        onPause?.(until);
      };
      return connect(target, requestCounts, onEitherPause, watch.intercept(name));
    },
  };
  const because = flags.reason === undefined ? '' : `: ${flags.reason}`;
  const notes = [
    ...(flags.acceptSource ? [`${context.operator} accepted the source read with --accept-source${because}`] : []),
    ...(flags.adoptConflicts
      ? [`${context.operator} let conflicting accounts be adopted with --adopt-conflicts${because}`]
      : []),
  ];
  const options = passOptions(context, {
    only: selectTargets(config, flags.target),
    full: flags.full,
    retry: flags.retry === true,
    subject: subjectOfFlags(flags),
    approval,
    acceptSource: flags.acceptSource,
    note: notes.length === 0 ? undefined : notes.join('; '),
  });
  const { summaries = 'atEnd', watch: _, ...passMore } = more;
  const showSummary = (one: TargetReport): void => {
    if (flags.json) console.out(JSON.stringify(summaryLine(one)));
    else summaryText(one, observer.failuresAt(one.target), console.colors).forEach((line) => console.out(line));
  };
  const onReport = summaries === 'atOnce' ? showSummary : undefined;
  const syncOptions = { ...options, ...passMore, onReport, plan: flags.plan };
  const startedAt = realClock.now();
  const report = await sync(io, syncOptions, stop).finally(() => observer.end());
  if (summaries === 'atEnd') report.reports.forEach(showSummary);
  for (const decision of report.decisions)
    console.out(flags.json ? JSON.stringify(subjectDecisionLine(decision)) : subjectDecisionText(decision));
  showSuspensions(report, { json: flags.json, zone: config.source.users.timezone }, console);
  showSource(report, flags, console);
  await tidyState(store.retention, {
    ...{ clock: realClock, now: realClock.now(), passMs: realClock.now() - startedAt, stop },
    historyMs: config.historyMs,
    guardWindowMs: Math.max(0, ...config.targets.map(({ guard }) => guard.windowMs)),
    lastReading: (await store.mirror.last())?.completed,
  }).catch((error: unknown) => {
    const { message } = stateFailure(config.state, error) ?? (error as Error);
    context.log.warn({ reason: message }, 'the state keeps what is no longer needed');
  });
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
    unsent: unplanned.length > 0 || reports.some(({ target, skipped }) => skipped > 0 && !preempted.includes(target)),
    changes: false,
  });
}
