import { hostname } from 'node:os';
import { OperatorError } from '../../model/errors.ts';
import type { Waiting, WorkPermit } from '../../store/interface/shared-state.ts';
import type { Context } from '../context.ts';
import { onHangUp } from '../signals.ts';
import type { PassWatch } from '../watch/pass-watch.ts';
import { reloadNotices } from './reload.ts';

/**
 * Runs the work of a daemon. Where processes share the state, one of them works. The others are its standbys: they
 * follow its commits, and one takes over when the session of the worker in the database ends.
 *
 * @param onStandby this process waits
 * @param work its context stops when the right to work is lost; the watch keeps requests from leaving after that
 */
export async function workInTurn(
  context: Context,
  onStandby: () => void,
  work: (context: Context, fence: PassWatch | undefined) => Promise<void>,
): Promise<void> {
  const { shared, log, stop } = context;
  if (shared === undefined) return work(context, undefined);
  shared.follow();
  const name = `process ${process.pid} on ${hostname()}`;
  let waited = false;
  const onWait = (): void => {
    waited = true;
    onStandby();
  };
  for (let current = context; !stop.aborted; waited = true) {
    const permit = await awaitPermit(shared, name, waitingOf(context, onWait), context);
    if (permit === undefined) return;
    try {
      // What cannot be read now is reported by the first pass.
      await shared.refresh().catch(() => undefined);
      if (waited) current = reloaded(current);
      log.info(`this worker works (${name})`);
      await work(stoppedBy(current, AbortSignal.any([stop, permit.lost])), fenceOf(permit));
    } finally {
      await permit.release();
    }
    if (!stop.aborted)
      log.warn('this worker lost its session in the database: it sends nothing more, and is a standby');
  }
}

/** Waits for the right to work. SIGHUP has nothing to do meanwhile. */
async function awaitPermit(
  shared: NonNullable<Context['shared']>,
  name: string,
  waiting: Waiting,
  { log, stop }: Context,
): Promise<WorkPermit | undefined> {
  const ended = new AbortController();
  onHangUp(() => log.info('a standby reads the configuration when it takes over'), ended.signal);
  try {
    return await shared.awaitWork(name, waiting, stop);
  } finally {
    ended.abort();
  }
}

/** Logs what a standby waits for, once for each change. */
function waitingOf({ log }: Context, onWait: () => void): Waiting {
  let last: string | undefined;
  const once = (text: string, write: () => void): void => {
    if (text !== last) write();
    last = text;
  };
  return {
    onStandby(worker) {
      onWait();
      // The server lists a session that has just ended, or begun, without its name.
      if (worker !== undefined) once(worker, () => log.info({ worker }, `standby: the worker is ${worker}`));
    },
    onFailure(error) {
      const { code, message } = error instanceof OperatorError ? error : { code: undefined, message: String(error) };
      once(message, () => log.error({ code }, `standby: ${message}`));
    },
  };
}

/** The context with the configuration as its file has it now; an unusable one is logged. */
function reloaded(context: Context): Context {
  try {
    const next = context.reload();
    reloadNotices(context.config, next.config);
    return next;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    context.log.error({ code: error.code }, `the configuration was not reloaded: ${error.message}`);
    return context;
  }
}

/** The same context, and those of its reloads, with another signal. */
const stoppedBy = (context: Context, stop: AbortSignal): Context => ({
  ...context,
  stop,
  reload: () => stoppedBy(context.reload(), stop),
});

/**
 * Lets no request leave without the right to work. What was marked as sent before a process was stopped would leave
 * when it goes on.
 */
const fenceOf = (permit: WorkPermit): PassWatch => ({
  intercept: () => (send) => (request, signal) =>
    permit.isHeld() ? send(request, signal) : Promise.resolve({ kind: 'notSent', detail: 'another worker took over' }),
});
