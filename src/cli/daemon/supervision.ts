import { execFile } from 'node:child_process';
import { keepAlive } from '../../daemon/supervision/keep-alive.ts';
import { createLaneLife } from '../../daemon/supervision/lane-life.ts';
import { createSupervisor, type SendMessage, type Supervisor } from '../../daemon/supervision/supervisor.ts';
import { realClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { inheritedEnvironment } from '../source/inherited-environment.ts';
import type { PassWatch } from '../watch/pass-watch.ts';

/** How the supervisor of a daemon learns what it does. Without a supervisor, all of it does nothing. */
export interface Supervision extends Omit<Supervisor, 'alive' | 'stopping'> {
  /** Observes whether the lanes of the passes work; undefined: the supervisor does not ask for it. */
  readonly watch: PassWatch | undefined;
  /** Resolves when the supervisor knows that the daemon stops. */
  stopped(): Promise<void>;
}

/** What a supervisor gives its process; sd_notify(3), sd_watchdog_enabled(3). */
interface SupervisorEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

/**
 * Starts the messages to the supervisor that the environment names. Node.js has no datagram sockets of Unix, so the
 * program systemd-notify sends them; where systemd supervises, it is installed.
 */
export function startSupervision({ log, stop }: Pick<Context, 'log' | 'stop'>, env: NodeJS.ProcessEnv): Supervision {
  const { NOTIFY_SOCKET: socket }: SupervisorEnvironment = env;
  if (socket === undefined || socket === '') return unsupervised;
  let hasFailed = false;
  const send = messagesTo(socket, env, (reason) => {
    if (!hasFailed)
      log.error({ reason }, 'the supervisor (NOTIFY_SOCKET) gets no message about what the daemon does; passes go on');
    hasFailed = true;
  });
  const supervisor = createSupervisor(send, () => process.hrtime.bigint() / 1000n);
  let stopped = Promise.resolve();
  stop.addEventListener('abort', () => void (stopped = supervisor.stopping()), { once: true });
  const supervision = { ...supervisor, stopped: () => stopped };
  const limitMs = watchdogLimitMs(env);
  if (limitMs === undefined) return { ...supervision, watch: undefined };
  const lanes = createLaneLife(() => performance.now());
  const onSilence = (targets: readonly string[]): void =>
    log.error({ targets }, 'the lanes of these targets do not work any more; the supervisor may restart the daemon');
  void keepAlive({ clock: realClock, supervisor, lanes, onSilence }, limitMs, stop);
  return {
    ...supervision,
    watch: {
      lane: lanes.observe,
      event: (event) => {
        if ('target' in event) lanes.sign(event.target);
      },
      intercept:
        (target) =>
        (send) =>
        async (...request) => {
          lanes.sign(target);
          const result = await send(...request);
          lanes.sign(target);
          return result;
        },
    },
  };
}

const unsupervised: Supervision = {
  ready: () => undefined,
  standby: () => undefined,
  reloading: () => undefined,
  reloaded: () => undefined,
  passEnded: () => undefined,
  passFailed: () => undefined,
  stopped: () => Promise.resolve(),
  watch: undefined,
};

/** After which time without a sign of life the supervisor acts; undefined: it does not watch this process. */
function watchdogLimitMs({ WATCHDOG_USEC: limit, WATCHDOG_PID: pid }: SupervisorEnvironment): number | undefined {
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  const limitMs = Number(limit) / 1000;
  return limitMs > 0 ? limitMs : undefined;
}

/** The longest time that one message may take, in ms: systemd-notify waits until the supervisor has read it. */
const messageMs = 5_000;

function messagesTo(socket: string, env: NodeJS.ProcessEnv, onFailure: (reason: string) => void): SendMessage {
  const options = {
    env: { ...inheritedEnvironment(env), NOTIFY_SOCKET: socket },
    timeout: messageMs,
    killSignal: 'SIGKILL',
  } as const;
  let last = Promise.resolve();
  return (lines) => {
    last = last.then(
      () =>
        new Promise((done) => {
          execFile('systemd-notify', [...lines], options, (error) => {
            if (error !== null) onFailure(error.message);
            done();
          });
        }),
    );
    return last;
  };
}
