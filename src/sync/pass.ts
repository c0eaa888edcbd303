import { formatTime } from '../model/time.ts';
import type { RejectionReport } from '../store/store.ts';
import { ImplausibleReading, OperatorError } from '../model/errors.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import type { DryRunTransaction, Freeze, KeyChanges, PassTransaction } from '../store/store.ts';
import type { PassOptions, PlanDeps, SyncDeps } from './context.ts';
import { planId } from './guard/plan-id.ts';
import type { PausedTarget } from './suspensions/paused-targets.ts';
import type { JoinedSourceReport } from './joins/joined-source-report.ts';
import { freeLanes, type Lanes } from './lanes/lanes.ts';
import { runLane } from './lanes/run-lane.ts';
import { openPass, type OpenedPass } from './open-pass.ts';
import { planPass, type PlannedPass, type PreparedPass } from './plan-pass.ts';
import { keepLogins } from './reading/key-changes.ts';
import { mappingsOf, readsSources } from './reading/stage-sources.ts';
import type { TargetReport } from './target-report.ts';
import type { SubjectDecision } from './subjects/decide-subject.ts';

/** Options of a pass that also sends. */
export interface SyncOptions extends PassOptions {
  /** Executes only the plan with this id; undefined: the current plan. */
  readonly plan: string | undefined;
  /** Which targets take part, and what they learn meanwhile; undefined: all, and no news arrives. */
  readonly lanes?: Lanes | undefined;
  /** Called once the reading is committed, before the targets are planned. */
  readonly onRead?: ((opened: Pick<OpenedPass, 'isEmpty' | 'joinedSources'>) => void) | undefined;
  /** Called when a target has left the pass, which may still run at other targets. */
  readonly onReport?: ((report: TargetReport) => void) | undefined;
}

/** The error that ended the lane of a target. */
export interface LaneError {
  readonly target: string;
  readonly error: unknown;
}

/** A target that another pass goes on with. */
export interface Preemption {
  readonly target: string;
  readonly reason: string;
}

/** The result of a pass at all targets. */
export interface SyncReport {
  readonly pass: number;
  readonly reports: readonly TargetReport[];
  /** The targets whose lanes failed by an error of scimsync or the state. */
  readonly errors: readonly LaneError[];
  /** The targets that were not planned, because the pass was stopped before. */
  readonly unplanned: readonly string[];
  /** The targets that another pass goes on with: rules changed, news needs a list, or an operator asked for it. */
  readonly preempted: readonly Preemption[];
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
  /** Why a pass for one user or group has nothing to send to some targets. */
  readonly decisions: readonly SubjectDecision[];
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
  show: (planned: PreparedPass & { readonly id: string }, tx: DryRunTransaction) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  return deps.store.dryRun(async (tx) => {
    const planned = await planPass({ ...deps, store: tx }, options, stop);
    return show({ ...planned, id: await idOf(tx, planned) }, tx);
  });
}

/**
 * One pass: reads the source, and commits the reading in one short transaction. Then each target is planned in slices,
 * and executed, side by side with the others; `options.plan` is judged for all targets before the first request.
 *
 * @throws IncompleteReading, OperatorError: nothing was planned and nothing was sent
 */
export async function sync(deps: SyncDeps, options: SyncOptions, stop: AbortSignal): Promise<SyncReport> {
  const { journal } = deps.store;
  const opened = await openOrRecordFailure(deps, options, stop);
  const { pass, reading, rejected, judgements, keyChanges, rejections, joinedSources, paused, freezes, isEmpty } =
    opened;
  options.onRead?.(opened);
  const ended = new AbortController();
  const keeping =
    options.lanes === undefined ? undefined : keepLogins(deps.store, mappingsOf(opened.prepared), ended.signal);
  // Its error is one of the pass, once the lanes have ended.
  keeping?.catch(() => undefined);
  const ends = await Promise.all(
    opened.targets.flatMap((target, index) => {
      const lane = (options.lanes ?? freeLanes).enter(target.spec.name, { pass, reading });
      const run = { deps, options, opened, target, plan: opened.plans?.[index], onReport: options.onReport };
      return lane === undefined
        ? []
        : [runLane({ ...run, lane }, stop).then((end) => [target.spec.name, end] as const)];
    }),
  );
  ended.abort();
  await keeping;
  const complete = ends.flatMap(([, end]) => (end.kind === 'ended' ? [end] : []));
  const reports = complete.map(({ report }) => report);
  const decisions = complete.flatMap((end) => end.decisions);
  const errors = ends.flatMap(([target, end]) => (end.kind === 'failed' ? [{ target, error: end.error }] : []));
  const preempted = complete.flatMap(({ report, preempted }) =>
    preempted === undefined ? [] : [{ target: report.target, reason: preempted }],
  );
  const unplanned = ends.flatMap(([target, end]) => (end.kind === 'unplanned' ? [target] : []));
  const stopped = stop.aborted || preempted.length > 0;
  const failures = [...errors.map(messageOf), ...joinedSources.flatMap(messageOfSource)];
  const result = errors.length > 0 || (failures.length > 0 && !stopped) ? 'failed' : resultOf(stopped, reports);
  const note = failures.length > 0 ? failures.join('; ') : noteOf(options, preempted);
  await journal.end(pass, deps.clock.now(), result, note);
  const found = { rejected, judgements, keyChanges, rejections, joinedSources };
  return { pass, reports, errors, unplanned, preempted, ...found, paused, freezes, isEmpty, decisions, stopped };
}

const resultOf = (stopped: boolean, reports: readonly TargetReport[]): string =>
  stopped ? 'stopped' : reports.some(({ failed }) => failed > 0) ? 'failed' : 'done';

const noteOf = ({ note }: SyncOptions, preemptions: readonly Preemption[]): string | undefined =>
  preemptions.length > 0 ? preemptions.map(({ target, reason }) => `${target}: ${reason}`).join('; ') : note;

const messageOf = ({ target, error }: LaneError): string =>
  `${target}: ${error instanceof Error ? error.message : String(error)}`;

/** A joined source whose reading was not accepted: the pass went on without it. */
const messageOfSource = ({ source, failure }: JoinedSourceReport): readonly string[] =>
  failure === undefined
    ? []
    : [
        `source ${source}: not accepted since ${formatTime(failure.since)}, what depends on it stays as it was: ` +
          failure.message,
      ];

/** A pass that cannot be opened leaves only its row in the journal, with the reason. */
async function openOrRecordFailure(
  deps: SyncDeps,
  options: SyncOptions,
  stop: AbortSignal,
): Promise<OpenedPass & Partial<Pick<PlannedPass, 'plans'>>> {
  const { journal } = deps.store;
  const startedAt = deps.clock.now();
  try {
    return await openInLane(deps, options, stop);
  } catch (error) {
    const { pass } = await deps.store.reading((tx) => tx.journal.begin(options.command, startedAt, options.operator));
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

/** A pass that reads the source waits for those that began to read it before. */
function openInLane(deps: SyncDeps, options: SyncOptions, stop: AbortSignal): ReturnType<typeof openOrRecordFailure> {
  const { store } = deps;
  const { plan: expectedId } = options;
  const open = (): ReturnType<typeof openOrRecordFailure> =>
    expectedId === undefined
      ? openPass(deps, options, stop)
      : store.readingAndPlanning(async (tx) => {
          const planned = await planPass({ ...deps, store: tx }, options, stop);
          await requireSamePlan(tx, planned, expectedId);
          return planned;
        });
  return readsSources(options) ? store.sourceLane(open) : open();
}

async function requireSamePlan(tx: PassTransaction, planned: PlannedPass, expectedId: string): Promise<void> {
  const id = await idOf(tx, planned);
  if (id !== expectedId) {
    throw new OperatorError(
      'plan.outOfDate',
      `plan ${expectedId} is out of date: the current plan is ${id}; nothing was done. ` +
        `Read it with "scimsync plan", then carry it out with "scimsync sync --plan ${id}".`,
    );
  }
}

function idOf({ journal }: PassTransaction, { pass, plans }: PlannedPass): Promise<string> {
  return planId(
    journal,
    pass,
    plans.map(({ target }) => target),
  );
}
