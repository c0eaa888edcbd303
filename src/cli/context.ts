import { hostname, tmpdir } from 'node:os';
import type { Config } from '../config/config.ts';
import { OperatorError } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import { targetUrlIdentity } from '../plan/target-identity.ts';
import type { WaitForWriter } from '../store/sqlite/begin.ts';
import type { SharedState } from '../store/interface/shared-state.ts';
import type { CopyOptions } from '../store/sqlite/private-copy.ts';
import { openReadOnlyStore, type ReadOnlyStore } from '../store/read-only-store.ts';
import { readRunningHolder } from '../store/running-holder.ts';
import type { LockHolder, RecordedAction, StateLock, Store } from '../store/store.ts';
import { formatTime, minuteMs } from '../model/time.ts';
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
  /** The same with the configuration as its file has it now. @throws OperatorError that lists all its mistakes */
  readonly reload: () => Context;
  /** Hides the secrets of the configuration. The console does so itself. */
  readonly redact: (text: string) => string;
  /** The state in a database, of which `config.state` is the working copy; undefined: that file is the state. */
  readonly shared?: SharedState | undefined;
}

/** Exit code of the process. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** Where the state is, for messages. */
export const stateName = ({ config, shared }: Pick<Context, 'config' | 'shared'>): string =>
  shared?.place ?? config.state;

/** Opens the state under its lock, so that only one process uses it. @throws OperatorError if it is locked */
export async function withStore<T>(context: Context, action: (store: Store) => Promise<T>): Promise<T> {
  return shareStore(context).use(action);
}

/**
 * Opens the state under its lock, for a command that changes accounts, keys or names to which operations in flight
 * refer: it cannot work beside busy targets. Passes that end soon are waited for.
 *
 * @throws OperatorError if the state stays locked
 */
export async function withStoreBetweenPasses<T>(context: Context, action: (store: Store) => Promise<T>): Promise<T> {
  const { log, stop } = context;
  const shared = shareStore(context);
  for (let waitedMs = 0; ; waitedMs += betweenPasses.pauseMs) {
    // An error of the action is not one of the lock: no other process has it then.
    let isOpen = false;
    try {
      return await shared.use((store) => {
        isOpen = true;
        return action(store);
      });
    } catch (error) {
      if (isOpen || !(error instanceof OperatorError) || error.code !== 'state.locked') throw error;
      if (waitedMs >= betweenPasses.maxMs || stop.aborted)
        throw new OperatorError(
          'state.locked',
          `${error.message}. Requests in flight refer to what this command changes, so all targets must end their ` +
            'passes first: "scimsync status" shows the busy ones, and "scimsync pause TARGET" ends the pass of one',
          1,
          { cause: error },
        );
      if (waitedMs === 0) log.info('another scimsync is at work; this command waits for the end of its passes');
      await realClock.sleep(betweenPasses.pauseMs, stop).catch(() => undefined);
    }
  }
}

/** How a command waits for the passes of another process, in ms. */
const betweenPasses = { pauseMs: 100, maxMs: 10_000 };

/**
 * Opens the state without its lock, for a short transaction that is sound beside the passes of another process. Waits
 * for a reading or a plan that the other process writes.
 *
 * @throws OperatorError
 */
export async function withStateBeside<T>(context: Context, action: (store: Store) => Promise<T>): Promise<T> {
  const { config, log, shared, stop } = context;
  let waitedMs = 0;
  const waitForWriter: WaitForWriter = async () => {
    if (waitedMs === 0) log.info('another scimsync writes a reading or a plan to the state; this command waits for it');
    waitedMs += beside.pauseMs;
    if (waitedMs > beside.maxPausesMs) return false;
    return realClock.sleep(beside.pauseMs, stop).then(
      () => true,
      () => false,
    );
  };
  const { openStore } = await import('../store/sqlite-store.ts');
  const store = await whenReadable(
    () => openStore(config.state, process.geteuid?.(), waitForWriter, shared),
    waitForWriter,
  );
  try {
    return await action(store);
  } finally {
    store.close();
  }
}

/** While a first reading is written, the state cannot be opened (docs/decisions/0084). */
async function whenReadable<T>(open: () => T, waitForWriter: WaitForWriter): Promise<T> {
  for (;;)
    try {
      return open();
    } catch (error) {
      const isBusy = error instanceof OperatorError && error.code === 'state.busy';
      if (!isBusy || !(await waitForWriter())) throw error;
    }
}

/** How a command waits for another process that writes, in ms: a plan of a million users takes some minutes. */
const beside = { pauseMs: 50, maxPausesMs: 2 * minuteMs };

/** One open state for passes that overlap. */
export interface SharedStore {
  /** Opens the state under its lock, unless another action uses it. @throws OperatorError if it is locked */
  use<T>(action: (store: Store) => Promise<T>): Promise<T>;
  /** Undefined: no action uses the state, so it is closed and not locked. */
  current(): Store | undefined;
}

/**
 * Passes that overlap share one open state. It is opened under its lock for the first one, and closed after the last.
 */
export function shareStore(context: Context): SharedStore {
  let users = 0;
  let opening: Promise<LockedStore> | undefined;
  let open: LockedStore | undefined;
  return {
    async use(action) {
      users += 1;
      try {
        opening ??= openLocked(context);
        open = await opening;
        return await action(open.store);
      } finally {
        users -= 1;
        if (users === 0) {
          const last = open;
          opening = undefined;
          open = undefined;
          // It ends at once, unless the state is in a database.
          await last?.lock.release().finally(() => last.store.close());
        }
      }
    },
    current: () => open?.store,
  };
}

interface LockedStore {
  readonly store: Store;
  readonly lock: StateLock;
}

async function openLocked(context: Context): Promise<LockedStore> {
  const { config, commandLine, shared } = context;
  // Commands that only read do not load what writes.
  const { openStore } = await import('../store/sqlite-store.ts');
  const store = openStore(config.state, process.geteuid?.(), undefined, shared);
  try {
    const lock = await store.lock({ pid: process.pid, host: hostname(), command: commandLine, since: realClock.now() });
    return { store, lock };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Large copies of the state are in TMPDIR until the command ends. */
export function copyOptions(): CopyOptions {
  return {
    temporaryFolder: tmpdir(),
    onExit(remove) {
      process.once('exit', remove);
      return () => process.off('exit', remove);
    },
  };
}

/** Opens the state read-only, without a trace beside it. @returns undefined if there is no state yet */
export function openView({ state }: Config): ReadOnlyStore | undefined {
  return openReadOnlyStore(state, copyOptions());
}

/** What the operator of a command did, for the journal. @param what follows the name of the operator */
export const actionBy = (
  { commandLine, operator }: Pick<Context, 'commandLine' | 'operator'>,
  at: Instant,
  what: string,
): RecordedAction => ({
  at,
  operator: { name: operator, host: hostname() },
  command: commandLine,
  note: `${operator} ${what}`,
});

const dayMs = 24 * 60 * 60 * 1000;

/** Since when the guards of all targets count, with a day for a clock that was set back. */
const guardFrom = ({ targets }: Config): number =>
  realClock.now() - dayMs - Math.max(0, ...targets.map(({ guard }) => guard.windowMs));

/**
 * Opens a copy of the last committed state for a dry run, also while a pass is running. The state and its folder stay
 * as they are.
 *
 * @param pass its operations are read as well; undefined: only what a planning reads of the journal
 */
export async function withCopy<T>(context: Context, action: (copy: DryRun) => Promise<T>, pass?: number): Promise<T> {
  const { config, log } = context;
  const holder = holderOf(context);
  const isRunning = holder !== undefined;
  if (holder !== undefined)
    log.info(
      `"scimsync ${holder.command}" (process ${holder.pid} on ${holder.host}, since ${formatTime(holder.since)}) ` +
        'is running; this shows the last committed state',
    );
  const { openDryRunStore } = await import('../store/sqlite-store.ts');
  const store = openDryRunStore(config.state, { ...copyOptions(), guardFrom: guardFrom(config), pass });
  try {
    return await action({ store, isRunning });
  } finally {
    store.close();
  }
}

/** The process that works on the state; undefined: no process does. */
function holderOf({ config, shared }: Context): LockHolder | undefined {
  if (shared === undefined) return readRunningHolder(config.state, copyOptions());
  const view = openView(config);
  try {
    return view?.holder();
  } finally {
    view?.close();
  }
}

/** A copy of the state for a dry run. */
export interface DryRun {
  readonly store: Store;
  /** Another process works on the state. */
  readonly isRunning: boolean;
}

/**
 * The error for configured targets whose address or name is not the one that the state knows; undefined: all of them
 * are the same, or there is no state yet. Reads the state without its lock.
 */
export function readTargetMismatch(config: Config): OperatorError | undefined {
  const configured = config.targets.map(({ name, url }) => ({ name, url: targetUrlIdentity(url) }));
  const view = openView(config);
  try {
    return view === undefined ? undefined : targetMismatch(configured, configured, view.knownTargets());
  } finally {
    view?.close();
  }
}

/** Options of a pass, with the defaults of a command line without flags. */
export function passOptions(
  context: Context,
  options: Pick<PassOptions, 'only' | 'full'> & Partial<PassOptions>,
): PassOptions {
  return {
    approval: {},
    operator: { name: context.operator, host: hostname() },
    acceptSource: false,
    command: context.commandLine,
    note: undefined,
    ...options,
  };
}
