import { hostname } from 'node:os';
import type { DaemonIo, Schedule } from '../../daemon/daemon-io.ts';
import { runDaemon } from '../../daemon/daemon.ts';
import type { Notice } from '../../daemon/notices.ts';
import { cronSchedule } from '../../daemon/schedule.ts';
import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import { nextBoundary } from '../../plan/next-boundary.ts';
import { stateFailure } from '../../store/sqlite/damage.ts';
import { timingOf } from '../../sync/evaluate-record.ts';
import type { SyncReport } from '../../sync/pass.ts';
import { realClock } from '../clock.ts';
import { exitCodeOfPass, runPass, type SyncFlags } from '../commands/sync.ts';
import { openView, readTargetMismatch, shareStore, withStateBeside, type Context } from '../context.ts';
import { gateOf } from '../credential-gates.ts';
import { daemonCheck } from '../drift/daemon-check.ts';
import { startNotifier } from '../notify/daemon-notifier.ts';
import { daemonSources, isAnySourceLive, settleSources } from '../source/daemon-sources.ts';
import { wireTargets } from '../wire.ts';
import { createCredentialNotices } from './credential-notices.ts';
import type { DaemonHost } from './daemon-host.ts';
import { noticesOf } from './notices.ts';
import { reloadNotices, scheduleMissing } from './reload.ts';

const defaultFlags: SyncFlags = {
  target: [],
  full: false,
  json: false,
  allowRemovals: undefined,
  plan: undefined,
  acceptSource: false,
  adoptConflicts: false,
};

/** A daemon of one configuration that can start. */
export interface PreparedDaemon {
  /** Runs passes until the context is stopped, and completes the requests in flight. */
  run(host: DaemonHost): Promise<void>;
}

/**
 * Prepares the daemon of a configuration: passes by schedule, at the dates of users, and on changes of live sources.
 * Between passes the state is unlocked. Commands that suspend or approve need no lock: the daemon takes notice of them.
 *
 * @throws OperatorError if it cannot start
 */
export function prepareDaemon(context: Context): PreparedDaemon {
  // A wrong target is refused at the start and at each reload, and not in each pass.
  const mismatch = readTargetMismatch(context.config);
  if (mismatch !== undefined) throw mismatch;
  const first = arrange(context);
  return { run: (host) => runArranged(first, host) };
}

async function runArranged(first: Arrangement, host: DaemonHost): Promise<void> {
  const { context } = first;
  const { log, stop } = context;
  const { supervision } = host;
  let arranged = first;
  log.info(summaryOf(context.config), 'daemon started');
  const shared = shareStore(context);
  const credentialNotices = createCredentialNotices(() => performance.now());
  const commandNotices = noticesOf(context, shared);
  // Without a pass, the state is neither open nor locked, and stays so.
  const notifier = startNotifier(context, (action) =>
    shared.current() === undefined ? withStateBeside(context, action) : shared.use(action),
  );
  const causeOf = (error: unknown): object => logFields(stateFailure(context.config.state, error) ?? error);
  await runDaemon(
    {
      clock: realClock,
      get schedule() {
        return arranged.schedule;
      },
      get sources() {
        return arranged.sources;
      },
      get targets() {
        return arranged.targets;
      },
      watchReloads(onReload, until) {
        const reload = (): void => {
          supervision.reloading();
          try {
            const next = arranged.context.reload();
            const notices = reloadNotices(arranged.context.config, next.config);
            const rearranged = arrange(next);
            notifier.reload(next);
            arranged = rearranged;
            host.reloaded(next);
            log.info({ ...summaryOf(next.config), changed: namesIn(notices) }, 'configuration reloaded');
            onReload(notices);
          } catch (error) {
            if (!(error instanceof OperatorError)) throw error;
            log.error({ code: error.code }, `the configuration was not reloaded: ${error.message}`);
            host.refused(error.message);
          } finally {
            supervision.reloaded();
          }
        };
        host.watchReloads(reload, until);
        void every(credentialCheckMs, until, () => {
          if (credentialNotices.ofSources(arranged.context.config)) onReload([]);
        });
      },
      credentialsRefusedUntil(name) {
        const target = arranged.context.config.targets.find((one) => one.name === name);
        return target === undefined ? undefined : gateOf(target.auth).closed()?.until;
      },
      check: (target, lane) =>
        daemonCheck(arranged.context, shared, { onFound: notifier.look, intercept: host.intercept })(target, lane),
      async pass({ lanes, only, byLastReading, notDue, onRead }) {
        const { context: current } = arranged;
        const { config } = current;
        if (!byLastReading) await settleSources(current, notDue);
        const flags = { ...defaultFlags, target: only ?? [] };
        const report = await host
          .pass({ reads: !byLastReading }, (watch, hasRead) =>
            shared.use((store) => {
              supervision.ready();
              return runPass(current, store, flags, {
                ...{ lanes, byLastReading, notDue, watch },
                onRead(opened: ReadResult) {
                  hasRead();
                  onRead(acceptedSources(config, opened));
                },
                summaries: 'atOnce',
              });
            }),
          )
          .finally(notifier.look);
        for (const { target, error } of report.errors)
          log.error({ target, ...causeOf(error) }, 'the lane of the target failed');
        const exit = exitCodeOfPass(report);
        supervision.passEnded(exit);
        log.info({ exit, pass: report.pass, ...(notDue.size === 0 ? {} : { notDue: [...notDue] }) }, 'pass ended');
      },
      save: (target, state) =>
        shared
          .use((store) => store.lanes.save(target, state))
          .then(notifier.look, (error: unknown) => {
            log.warn({ target, ...causeOf(error) }, '"status" does not show what the lane of the target does');
          }),
      onQuarantine: (target, failures, until, reason) =>
        log.warn(
          { target, failures, until: formatTime(until), reason },
          `${target} is quarantined: it is tried again at ${formatTime(until)}; other targets do not wait for it`,
        ),
      onRecovery: (target) => log.info({ target }, `${target} works again`),
      notices: () => [...commandNotices(), ...credentialNotices.ofTargets(arranged.context.config)],
      nextBoundary: (after) => nextBoundaryOf(arranged.context.config, after),
      onError(cause) {
        const error = stateFailure(context.config.state, cause) ?? cause;
        // The next pass retries, so the daemon goes on.
        if (error instanceof OperatorError) log.error({ code: error.code }, error.message);
        else log.error({ err: error }, 'the pass failed');
        supervision.passFailed(context.redact(error instanceof Error ? error.message : String(error)));
      },
      onLateTick: () => log.debug('a scheduled pass waits: the source is still being read for the previous one'),
    },
    stop,
  );
}

/** An error as fields of a log line: a known one as its sentence, any other one with its stack. */
const logFields = (error: unknown): object =>
  error instanceof OperatorError ? { code: error.code, reason: error.message } : { err: error };

/** How often the daemon looks whether the refused credentials of a source changed, in ms. */
const credentialCheckMs = 2_000;

/** What a daemon runs by until the next reload. */
interface Arrangement extends Pick<DaemonIo, 'schedule' | 'sources' | 'targets'> {
  readonly context: Context;
}

function arrange(context: Context): Arrangement {
  const { schedule, timezone, targets } = context.config;
  const scheduleOf = (expression: string): Schedule => cronSchedule(expression, timezone, realClock);
  return {
    context,
    schedule: scheduleOf(requireSchedule(schedule)),
    sources: daemonSources(context),
    targets: targets.map((target) => ({
      name: target.name,
      schedule: target.schedule === undefined ? undefined : scheduleOf(target.schedule),
      isChecked: target.drift.requestsPerHour > 0,
    })),
  };
}

function requireSchedule(schedule: string | undefined): string {
  if (schedule === undefined) throw scheduleMissing();
  return schedule;
}

const summaryOf = (config: Config): Readonly<Record<string, unknown>> => ({
  ...{ schedule: config.schedule, timezone: config.timezone },
  changes: isAnySourceLive(config) ? 'live' : 'scheduled',
  ...{ host: hostname(), targets: config.targets.length },
});

const namesIn = (notices: readonly Notice[]): readonly string[] =>
  notices.flatMap(({ target }) => (target === undefined ? [] : [target]));

async function every(milliseconds: number, stop: AbortSignal, action: () => void): Promise<void> {
  while (!stop.aborted) {
    await realClock.sleep(milliseconds, stop).catch(() => undefined);
    if (!stop.aborted) action();
  }
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
