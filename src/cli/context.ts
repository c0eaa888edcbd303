import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { OperatorError } from '../model/errors.ts';
import { targetUrlIdentity } from '../plan/target-identity.ts';
import { openReadOnlyStore } from '../store/read-only-store.ts';
import { openStore } from '../store/sqlite-store.ts';
import type { Lock, Store } from '../store/store.ts';
import type { PassOptions } from '../sync/context.ts';
import { targetMismatch } from '../sync/target-identity.ts';
import type { Console } from './console.ts';
import type { Log } from './log.ts';
import { realClock } from './clock.ts';

/** Input of every command. */
export interface Context {
  readonly config: Config;
  readonly console: Console;
  readonly log: Log;
  /** Aborted by SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  /** The command line without the program name, for the journal and for the message about a locked state. */
  readonly commandLine: string;
  /** Operating system user that runs the command, for the journal. */
  readonly operator: string;
}

/** Exit code of the process. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** Opens the state under its lock, so that only one process uses it. @throws OperatorError if it is locked */
export async function withStore<T>({ config, commandLine }: Context, action: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(config.state);
  let lock: Lock | undefined;
  try {
    lock = store.lock({ pid: process.pid, host: hostname(), command: commandLine, since: realClock.now() });
    return await action(store);
  } finally {
    lock?.release();
    store.close();
  }
}

/**
 * The error for configured targets whose address or name is not the one that the state knows; undefined: all of them
 * are the same, or there is no state yet. Reads the state without its lock.
 */
export function readTargetMismatch({ state, targets }: Config): OperatorError | undefined {
  const configured = targets.map(({ name, url }) => ({ name, url: targetUrlIdentity(url) }));
  const view = openReadOnlyStore(state);
  try {
    return view === undefined ? undefined : targetMismatch(configured, configured, view.knownTargets());
  } finally {
    view?.close();
  }
}

/** The targets of `--target`; undefined: all. @throws OperatorError for an unknown target */
export function selectTargets(config: Config, names: readonly string[]): readonly string[] | undefined {
  const known = config.targets.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new OperatorError(
      'commandLine.unknownTarget',
      `unknown target: ${unknown.join(', ')}; the configuration has ${known.join(', ')}`,
      4,
    );
  return names.length === 0 ? undefined : names;
}

/** Options of a pass, with the defaults of a command line without flags. */
export function passOptions(
  context: Context,
  options: Pick<PassOptions, 'only' | 'full'> & Partial<PassOptions>,
): PassOptions {
  return { approval: {}, acceptSource: false, command: context.commandLine, note: undefined, ...options };
}
