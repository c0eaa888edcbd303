import { fork, type ChildProcess } from 'node:child_process';
import type { Config } from '../../config/config.ts';
import type { PageConfig } from '../../config/page-config.ts';
import { realClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { packageVersion } from '../package-folder.ts';
import type { FromPage, PageTenantChange, Served, ToPage } from './page-messages.ts';

/** The process that serves the page. */
export interface PageProcess {
  /** A process that starts later gets what is served then. */
  tell(change: PageTenantChange): void;
  /** Ends the process. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** The built file of page-process.ts; chunks are in the same folder. */
const file = new URL('./page-process.js', import.meta.url);

/** What the process inherits. The secrets of the environment are not among it. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/** A page needs some tens of megabytes, however large the state is. */
const maxMegabytes = 256;
const firstPauseMs = 1_000;
const maxPauseMs = 60_000;
/** How long the process may take to end. */
const endMs = 2_000;

/**
 * Starts the process that serves the page: it holds no secrets of sources and targets, its queries keep no lane
 * waiting, and SQLite's locks of the daemon are not its own (docs/decisions/0089). One that ends is started again.
 *
 * @param served what it shows, without secrets
 * @param metrics what the daemon measured, in the text format of Prometheus
 */
export function startPage(
  { log }: Pick<Context, 'log'>,
  page: PageConfig,
  { served, metrics }: { readonly served: () => Served; readonly metrics: () => Promise<string> },
): PageProcess {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  const start = (): Promise<void> => {
    const started = fork(file, {
      env: Object.fromEntries(inherited.flatMap((name) => [[name, process.env[name]]])),
      execArgv: [`--max-old-space-size=${maxMegabytes}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    child = started;
    const ended = new Promise<void>((resolve) => {
      started.once('error', () => resolve());
      started.once('exit', () => resolve());
    });
    const send = (message: ToPage): void => sendTo(started, message);
    started.on('message', (message: FromPage) => {
      if (message.type === 'log') log[message.level](message.message);
      else if (message.about === 'life') send({ type: 'answer', id: message.id, text: '' });
      else
        void metrics().then(
          (text) => send({ type: 'answer', id: message.id, text }),
          (error: unknown) => log.warn({ err: error }, 'the metrics cannot be collected'),
        );
    });
    send({
      type: 'start',
      page: { ...page, token: undefined },
      served: served(),
      token: page.token?.reveal(),
      version: packageVersion(),
    });
    return ended;
  };
  const keepRunning = async (): Promise<void> => {
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
      await start();
      if (stopping.signal.aborted) return;
      log.error(`the process of the status page ended; it is started again in ${pauseMs / 1000} s, and passes go on`);
      await realClock.sleep(pauseMs, stopping.signal).catch(() => undefined);
    }
  };
  const running = keepRunning();
  return {
    tell(change) {
      if (child !== undefined) sendTo(child, change);
    },
    async stop() {
      stopping.abort();
      if (child?.connected === true) child.disconnect();
      const kill = setTimeout(() => child?.kill('SIGKILL'), endMs);
      await running;
      clearTimeout(kill);
    },
  };
}

function sendTo(child: ChildProcess, message: ToPage): void {
  // A process that has just ended receives nothing.
  if (child.connected) child.send(message, () => undefined);
}

/** The configuration without credentials: the serialization of a secret is an empty object. */
export function withoutSecrets(config: Config): Config {
  const targets = config.targets.map((target) => ({ ...target, auth: { type: 'none' as const } }));
  return { ...config, targets, secrets: [] };
}
