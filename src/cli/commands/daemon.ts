import { hostname } from 'node:os';
import { runDaemon } from '../../daemon/daemon.ts';
import { cronSchedule } from '../../daemon/schedule.ts';
import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import { nextBoundary } from '../../plan/next-boundary.ts';
import { damagedState } from '../../store/sqlite/damage.ts';
import type { SyncReport } from '../../sync/pass.ts';
import { openView, readTargetMismatch, withStore, type Context, type ExitCode } from '../context.ts';
import { timingOf } from '../../sync/evaluate-record.ts';
import { daemonSources, isAnySourceLive, settleSources } from '../source/daemon-sources.ts';
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
 * `daemon`: runs passes by schedule, at the dates of users, and on changes of live sources, until SIGTERM. Between
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
  const isLive = isAnySourceLive(config);
  const changes = isLive ? 'live' : 'scheduled';
  log.info({ schedule, timezone, changes, host: hostname(), targets: config.targets.length }, 'daemon started');
  await runDaemon(
    {
      clock: realClock,
      schedule: cronSchedule(schedule, timezone),
      sources: daemonSources(context),
      async pass({ sourceChanged, onPlanned, notDue }) {
        await settleSources(context, notDue);
        const news = { pending: false, signal: sourceChanged, take: () => undefined };
        const lanes = { enter: () => ({ news, leave: () => Promise.resolve() }) };
        const live = isLive ? { lanes, onRead: onPlanned } : {};
        const report = await withStore(context, (store) => runPass(context, store, defaultFlags, { ...live, notDue }));
        const exit = exitCodeOfPass(report);
        log.info({ exit, pass: report.pass, ...(notDue.size === 0 ? {} : { notDue: [...notDue] }) }, 'pass ended');
        return acceptedSources(config, report);
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

/** The named sources whose last readings are accepted. */
const acceptedSources = ({ sources }: Config, { isEmpty, joinedSources }: SyncReport): ReadonlySet<string> =>
  new Set([
    ...(isEmpty || sources === undefined ? [] : [sources.primary]),
    ...joinedSources.flatMap(({ source, failure }) => (failure === undefined ? [source] : [])),
  ]);

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
