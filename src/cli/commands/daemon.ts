import { hostname } from 'node:os';
import { runDaemon, type ChangeWatcher } from '../../daemon/daemon.ts';
import { cronSchedule } from '../../daemon/schedule.ts';
import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formatDuration } from '../../model/time.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import { nextBoundary } from '../../plan/next-boundary.ts';
import { judgeSourceIdentity } from '../../plan/reading/source-identity.ts';
import { damagedState } from '../../store/sqlite/damage.ts';
import type { Reading } from '../../store/store.ts';
import { openView, readTargetMismatch, withStore, type Context, type ExitCode } from '../context.ts';
import { timingOf } from '../../sync/evaluate-record.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';
import { realClock } from '../clock.ts';
import { exitCodeOfPass, runPass, type SyncFlags } from './sync.ts';

const defaultFlags: SyncFlags = {
  target: [],
  full: false,
  json: false,
  allowRemovals: undefined,
  plan: undefined,
  acceptSource: false,
  adoptConflicts: false,
};

/**
 * `daemon`: runs passes by schedule, at the dates of users, and on changes with a live source, until SIGTERM. Between
 * passes the state is unlocked, so that an operator can view a plan and approve a hold.
 */
export async function daemonCommand(context: Context): Promise<ExitCode> {
  const { config, log, stop } = context;
  const { schedule, timezone } = config;
  if (schedule === undefined)
    throw new OperatorError(
      'config.scheduleMissing',
      'the daemon needs a schedule: add "schedule": "*/15 * * * *" to the configuration',
      4,
    );
  // The configuration does not change while the daemon runs, so a wrong target is refused at once.
  const mismatch = readTargetMismatch(config);
  if (mismatch !== undefined) throw mismatch;
  const isLive = config.source.changes === 'live';
  log.info(
    { schedule, timezone, changes: config.source.changes, host: hostname(), targets: config.targets.length },
    'daemon started',
  );
  await runDaemon(
    {
      clock: realClock,
      schedule: cronSchedule(schedule, timezone),
      watch: isLive ? sourceWatcher(context) : undefined,
      async pass({ sourceChanged, onPlanned }) {
        // The watcher of a live source reports only files that hold still.
        if (!isLive) await wireSource(config).source.settle?.(stop);
        await settleJoinedSources(context);
        const live = isLive ? { sourceChanged, onPlanned } : {};
        const report = await withStore(context, (store) => runPass(context, store, defaultFlags, live));
        log.info({ exit: exitCodeOfPass(report), pass: report.pass }, 'pass ended');
      },
      nextBoundary: (after) => nextBoundaryOf(config, after),
      onError(cause) {
        const error = damagedState(config.state, cause) ?? cause;
        // The next pass retries, so the daemon goes on.
        if (error instanceof OperatorError) log.error({ code: error.code }, error.message);
        else log.error({ err: error }, 'the pass failed');
      },
      onSkippedTick: () => log.debug('skipped a scheduled pass: the previous one is still running'),
    },
    stop,
  );
  log.info('daemon stopped');
  return 0;
}

/** A joined source that does not come to rest is read as it is; an incomplete reading of it is not accepted. */
async function settleJoinedSources({ config, log, stop }: Context): Promise<void> {
  for (const { name, source } of wireJoinedSources(config))
    try {
      await source.settle?.(stop);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      log.warn({ source: name, code: error.code }, error.message);
    }
}

function sourceWatcher({ config, log }: Context): ChangeWatcher | undefined {
  const { source, identity } = wireSource(config);
  if (source.watch === undefined) return undefined;
  const disconnected = (reason: string, retryInMs: number | undefined): void => {
    if (retryInMs === undefined) log.warn(`${reason}; passes start by schedule only`);
    else log.warn(`change notifications are unavailable: ${reason} Next attempt in ${formatDuration(retryInMs)}.`);
  };
  return async (changed, stop) => {
    // Another source is refused before it is opened, so it is not watched either, until an operator accepts it.
    while (judgeSourceIdentity((await lastReading(config))?.facts.source, identity).length > 0)
      await realClock.sleep(sourceCheckMs, stop);
    await source.watch?.(
      async () => (await lastReading(config))?.bookmark,
      { changed, disconnected, listening: () => log.info('listening for changes') },
      stop,
    );
  };
}

/** The next moment at which the dates of the last reading have an effect at a target. */
function nextBoundaryOf(config: Config, after: Instant): Instant | undefined {
  const targets = wireTargets(config).map((spec) => ({
    name: spec.name,
    timing: timingOf(spec),
    deleteAfterDays: effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion).deleteAfterDays,
  }));
  const view = openView(config);
  try {
    return view === undefined ? undefined : nextBoundary(targets, view.nextDates, after);
  } finally {
    view?.close();
  }
}

/** Interval in which a watcher checks whether an operator accepted another source. */
const sourceCheckMs = 5_000;

/** The last reading. A pass may be running, so the state is opened read-only and without the lock. */
async function lastReading(config: Config): Promise<Reading | undefined> {
  const view = openView(config);
  try {
    return await view?.mirror.last();
  } finally {
    view?.close();
  }
}
