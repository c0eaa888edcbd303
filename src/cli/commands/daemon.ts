import { hostname } from 'node:os';
import { watchClock } from '../../daemon/clock-steps.ts';
import { runDaemon, type Schedule } from '../../daemon/daemon.ts';
import { cronSchedule } from '../../daemon/schedule.ts';
import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formatDuration, formatTime } from '../../model/time.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import { nextBoundary } from '../../plan/next-boundary.ts';
import { damagedState } from '../../store/sqlite/damage.ts';
import type { SyncReport } from '../../sync/pass.ts';
import { openView, readTargetMismatch, shareStore, type Context, type ExitCode } from '../context.ts';
import { timingOf } from '../../sync/evaluate-record.ts';
import { daemonSources, isAnySourceLive, settleSources } from '../source/daemon-sources.ts';
import { wireTargets } from '../wire.ts';
import { realClock } from '../clock.ts';
import { noticesOf } from '../notices.ts';
import { startPage } from '../page/start-page.ts';
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
 * passes the state is unlocked. Commands that suspend or approve need no lock: the daemon takes notice of them.
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
  const changes = isAnySourceLive(config) ? 'live' : 'scheduled';
  log.info({ schedule, timezone, changes, host: hostname(), targets: config.targets.length }, 'daemon started');
  const shared = shareStore(context);
  const scheduleOf = (expression: string): Schedule => cronSchedule(expression, timezone, realClock);
  void watchClock(
    realClock,
    () => performance.now(),
    (step) => logClockStep(log, step),
    stop,
  );
  const page = config.page === undefined ? undefined : startPage(context, config.page, async () => '');
  await runDaemon(
    {
      clock: realClock,
      schedule: scheduleOf(schedule),
      sources: daemonSources(context),
      targets: config.targets.map((target) => ({
        name: target.name,
        schedule: target.schedule === undefined ? undefined : scheduleOf(target.schedule),
      })),
      async pass({ lanes, only, byLastReading, notDue, onRead }) {
        if (!byLastReading) await settleSources(context, notDue);
        const flags = { ...defaultFlags, target: only ?? [] };
        const options = {
          ...{ lanes, byLastReading, notDue },
          onRead: (opened: ReadResult) => onRead(acceptedSources(config, opened)),
          summaries: 'atOnce',
        } as const;
        const report = await shared.use((store) => runPass(context, store, flags, options));
        for (const { target, error } of report.errors)
          log.error({ target, err: error }, 'the lane of the target failed');
        const exit = exitCodeOfPass(report);
        log.info({ exit, pass: report.pass, ...(notDue.size === 0 ? {} : { notDue: [...notDue] }) }, 'pass ended');
      },
      save: (target, state) =>
        shared
          .use((store) => store.lanes.save(target, state))
          .catch((error: unknown) => {
            log.warn({ target, err: error }, '"status" does not show what the lane of the target does');
          }),
      onQuarantine: (target, failures, until, reason) =>
        log.warn(
          { target, failures, until: formatTime(until), reason },
          `${target} is quarantined: it is tried again at ${formatTime(until)}; other targets do not wait for it`,
        ),
      onRecovery: (target) => log.info({ target }, `${target} works again`),
      notices: noticesOf(context, shared),
      nextBoundary: (after) => nextBoundaryOf(config, after),
      onError(cause) {
        const error = damagedState(config.state, cause) ?? cause;
        // The next pass retries, so the daemon goes on.
        if (error instanceof OperatorError) log.error({ code: error.code }, error.message);
        else log.error({ err: error }, 'the pass failed');
      },
      onLateTick: () => log.debug('a scheduled pass waits: the source is still being read for the previous one'),
    },
    stop,
  );
  await page?.stop();
  log.info('daemon stopped');
  return 0;
}

function logClockStep(log: Context['log'], milliseconds: number): void {
  const step = formatDuration(Math.abs(milliseconds));
  if (milliseconds > 0)
    log.warn(`the clock went ${step} forward, or the computer was suspended; missed passes are caught up once`);
  else log.warn(`the clock went ${step} back; the next scheduled passes follow the new time`);
}

/** What a pass knows once its reading is committed. */
type ReadResult = Pick<SyncReport, 'isEmpty' | 'joinedSources'>;

/** The named sources whose last readings are accepted. */
const acceptedSources = ({ sources }: Config, { isEmpty, joinedSources }: ReadResult): ReadonlySet<string> =>
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
