import { hostname } from 'node:os';
import { runDaemon, type Watching } from '../../daemon/daemon.ts';
import { cronSchedule } from '../../daemon/schedule.ts';
import { OperatorError } from '../../model/errors.ts';
import { duration } from '../../model/time.ts';
import { openView } from '../../store/view.ts';
import { withStore, type Context, type ExitCode } from '../context.ts';
import { wireSource } from '../wire.ts';
import { realClock } from '../world.ts';
import { exitCodeOf, onePass, type SyncFlags } from './sync.ts';

const wholePass: SyncFlags = {
  target: [],
  full: false,
  json: false,
  allowRemovals: undefined,
  plan: undefined,
  acceptSource: false,
};

/**
 * Where a pass follows every change, few removals are in each, however many there are in all: the guard judges those of so long
 * together, as a pass by schedule would have seen them.
 */
const liveGuardWindowMs = 15 * 60_000;

/** Passes by schedule, and live where that is asked for, until SIGTERM. The state is free between passes, so that an operator can look at a plan and let a hold through. */
export async function daemonCommand(context: Context): Promise<ExitCode> {
  const { config, log, stop } = context;
  const { schedule, timezone } = config;
  if (schedule === undefined)
    throw new OperatorError('the daemon needs a schedule: add "schedule": "*/15 * * * *" to the configuration', 4);
  const isLive = config.source.changes === 'live';
  log.info(
    { schedule, timezone, changes: config.source.changes, host: hostname(), targets: config.targets.length },
    'daemon started',
  );
  await runDaemon(
    {
      clock: realClock,
      ticks: cronSchedule(schedule, timezone),
      watch: isLive ? watching(context) : undefined,
      async pass({ news, planned }) {
        const live = isLive ? { news, planned, guardWindowMs: liveGuardWindowMs } : {};
        const report = await withStore(context, (store) => onePass(context, store, wholePass, live));
        log.info({ exit: exitCodeOf(report), pass: report.pass }, 'pass ended');
      },
      failed(error) {
        // A pass that failed changed nothing that the next one cannot mend: the daemon goes on.
        if (error instanceof OperatorError) log.error(error.message);
        else log.error({ err: error }, 'the pass failed');
      },
      skipped: () => log.debug('a tick fell into a running pass and was skipped'),
    },
    stop,
  );
  log.info('daemon stopped');
  return 0;
}

function watching({ config, log }: Context): Watching | undefined {
  const { source } = wireSource(config);
  if (source.watch === undefined) return undefined;
  const lost = (reason: string, retryInMs: number | undefined): void => {
    if (retryInMs === undefined) log.warn(`${reason}; passes begin by schedule only`);
    else log.warn(`live changes are not heard at the moment: ${reason} Tried again in ${duration(retryInMs)}.`);
  };
  return async (changed, stop) =>
    source.watch?.(
      () => bookmarkIn(config.state),
      { changed, lost, listening: () => log.info('live changes are heard') },
      stop,
    );
}

/** Where the last reading left off. A pass may be running at this moment, so that the state is only looked at. */
async function bookmarkIn(state: string): Promise<string | undefined> {
  const view = openView(state);
  try {
    return (await view?.mirror.last())?.bookmark;
  } finally {
    view?.close();
  }
}
