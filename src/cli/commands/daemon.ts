import { realClock } from '../clock.ts';
import type { Context, ExitCode } from '../context.ts';
import { logClockSteps } from '../daemon/log-clock-steps.ts';
import { prepareDaemon } from '../daemon/prepare-daemon.ts';
import { workInTurn } from '../daemon/standby.ts';
import { startSupervision } from '../daemon/supervision.ts';
import { openPage } from '../page/open-page.ts';
import { onHangUp } from '../signals.ts';
import { watchTogether } from '../watch/pass-watch.ts';
import { startTraces } from '../watch/trace-passes.ts';
import { exitCodeOfPass } from './sync.ts';

/** `daemon`: runs passes by schedule, at the dates of users, and on changes of live sources, until SIGTERM. */
export async function daemonCommand(context: Context): Promise<ExitCode> {
  const { log, stop } = context;
  // What cannot start is refused by a standby, too.
  const prepared = prepareDaemon(context);
  logClockSteps(realClock, log, stop);
  const supervision = startSupervision(context, process.env);
  const traces = await startTraces(context, process.env, 'daemon');
  const page = await openPage(context);
  await workInTurn(context, supervision.standby, (working, fence) => {
    const daemon = working === context ? prepared : prepareDaemon(working);
    return daemon.run({
      supervision,
      pass: (_, run) =>
        page.measured((metrics) =>
          traces.traced(
            (trace) => run(watchTogether([fence, metrics, supervision.watch, trace]), () => undefined),
            exitCodeOfPass,
          ),
        ),
      intercept: fence?.intercept,
      watchReloads: onHangUp,
      reloaded: page.reload,
      refused: () => undefined,
    });
  });
  await Promise.all([page.stop(), supervision.stopped(), traces.end()]);
  log.info('daemon stopped');
  return 0;
}
