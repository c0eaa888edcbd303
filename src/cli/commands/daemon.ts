import { hostname } from 'node:os';
import { runDaemon } from '../../daemon/daemon.ts';
import { cronSchedule } from '../../daemon/schedule.ts';
import { OperatorError } from '../../model/errors.ts';
import { withStore, type Context, type ExitCode } from '../context.ts';
import { exitCodeOf, onePass, type SyncFlags } from './sync.ts';

const wholePass: SyncFlags = { target: [], full: false, json: false, allowRemovals: undefined, plan: undefined, acceptSource: false };

/** Passes by schedule until SIGTERM. The state is free between passes, so that an operator can look at a plan and let a hold through. */
export async function daemonCommand(context: Context): Promise<ExitCode> {
  const { config, log, stop } = context;
  const { schedule, timezone } = config;
  if (schedule === undefined) throw new OperatorError('the daemon needs a schedule: add "schedule": "*/15 * * * *" to the configuration', 4);
  log.info({ schedule, timezone, host: hostname(), targets: config.targets.length }, 'daemon started');
  await runDaemon({
    ticks: cronSchedule(schedule, timezone),
    async pass() {
      const report = await withStore(context, (store) => onePass(context, store, wholePass));
      log.info({ exit: exitCodeOf(report), pass: report.pass }, 'pass ended');
    },
    failed(error) {
      // A pass that failed changed nothing that the next one cannot mend: the daemon goes on.
      if (error instanceof OperatorError) log.error(error.message);
      else log.error({ err: error }, 'the pass failed');
    },
    skipped: () => log.debug('a tick fell into a running pass and was skipped'),
  }, stop);
  log.info('daemon stopped');
  return 0;
}
