import { join, resolve } from 'node:path';
import { exitCodeOfPlan } from '../cli/commands/plan.ts';
import { exitCodeOfSync, requireNoErrors } from '../cli/commands/sync.ts';
import { withStore, type Context, type ExitCode } from '../cli/context.ts';
import { notifyAfter } from '../cli/notify/notify-after.ts';
import { profileIo } from '../cli/package-folder.ts';
import { logEvents } from '../cli/pass-events.ts';
import { runPlan } from '../cli/pass/run-plan.ts';
import { requireApproval, runSync, withNoticingLanes, type PassFlags } from '../cli/pass/run-sync.ts';
import { outcomeLines, planLines } from '../cli/print/json-lines.ts';
import { summaryLine } from '../cli/print/sync-summary.ts';
import { createContext, runCommand } from '../cli/program/open-context.ts';
import { InvalidConfig, readConfig, type ConfigFiles } from '../cli/program/read-config.ts';
import type { Config } from '../config/config.ts';
import { OperatorError } from '../model/errors.ts';
import type { PlanSummaryLine } from '../model/json/lines.ts';
import type { Emit, PassEvent } from '../sync/events.ts';
import type { OpenOptions, Outcome, Scimsync, Selection, SyncOptions } from './api.ts';
import { createEventListeners, type EventListeners } from './event-listeners.ts';
import { createEventLog } from './event-log.ts';
import { readLibraryStatus } from './read-library-status.ts';
import { requireListener, requireOptions } from './require-options.ts';
import { ScimsyncError } from './scimsync-error.ts';
import { silentConsole } from './silent-console.ts';

/**
 * Opens a configuration, as the command line does. Connects to nothing.
 *
 * @throws ScimsyncError that lists all mistakes of the configuration
 */
export async function openScimsync(options: OpenOptions): Promise<Scimsync> {
  checked(() => requireOptions('openScimsync', options));
  const closing = new AbortController();
  const listeners = createEventListeners();
  const opened = await createContext(
    () => read(options),
    (redact) =>
      Promise.resolve({
        console: silentConsole,
        log: createEventLog((event) => listeners.emit('log', event), redact),
      }),
    { commandLine: '', stop: closing.signal, operator: options.operator },
  ).catch((error: unknown) => {
    throw errorFor(error);
  });
  const running = new Set<Promise<unknown>>();
  let lastPass: Promise<unknown> = Promise.resolve();

  async function call<T>(
    command: string,
    signal: AbortSignal | undefined,
    action: (context: Context) => Promise<T>,
  ): Promise<T> {
    if (closing.signal.aborted)
      throw errorFor(new OperatorError('library.closed', 'it was closed; open it again with openScimsync'));
    const stop = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
    const context = { ...opened, commandLine: `${command} (library)`, stop };
    const work = runCommand(context, action).catch((error: unknown) => {
      throw errorFor(error, opened.redact, stop);
    });
    running.add(work);
    return work.finally(() => running.delete(work));
  }

  return {
    targets: opened.config.targets.map(({ name }) => name),
    warnings: opened.config.warnings,
    on(name, listener) {
      checked(() => requireListener(listeners.names, name, listener));
      return listeners.on(name, listener);
    },
    async plan(given = {}) {
      checked(() => requireOptions('plan', given));
      const { onLine, at, ...selection } = given;
      return call('plan', selection.signal, (context) =>
        runPlan(context, { ...flagsOf(selection), at }, emitTo(context, listeners), async (planned, tx) => {
          const targets: PlanSummaryLine[] = [];
          for await (const line of planLines(tx.journal, planned))
            if (line.type === 'summary') targets.push(line);
            else await onLine?.(line);
          return { id: planned.id, outcome: outcomeOf(exitCodeOfPlan(planned, false)), targets };
        }),
      );
    },
    async sync(given = {}) {
      checked(() => requireOptions('sync', given));
      const flags = syncFlags(given);
      const pass = lastPass.then(() =>
        call('sync', given.signal, async (context) => {
          requireApproval(flags);
          const emit = emitTo(context, listeners)(false);
          const onReport = (report: Parameters<typeof summaryLine>[0]): void =>
            listeners.emit('summary', summaryLine(report));
          const report = await notifyAfter(context, () =>
            withStore(context, (store) =>
              withNoticingLanes(store, (lanes) => runSync(context, store, flags, emit, { lanes, onReport })),
            ),
          );
          requireNoErrors(report);
          return {
            pass: report.pass,
            outcome: outcomeOf(exitCodeOfSync(report)),
            targets: report.reports.map(summaryLine),
          };
        }),
      );
      lastPass = pass.catch(() => undefined);
      return pass;
    },
    status: () => call('status', undefined, ({ config }) => readLibraryStatus(config)),
    async close() {
      closing.abort(new Error('closed'));
      await Promise.allSettled(running);
    },
  };
}

/** The name of a configuration that is an object. */
const objectFile = 'sync.config.json';

function read({ config, overlays = [], folder = '.', env }: OpenOptions): Config {
  const environment = env === undefined ? {} : { env };
  if (typeof config === 'string') return readConfig([config, ...overlays], environment);
  const file = resolve(join(folder, objectFile));
  const files: ConfigFiles = [file, ...overlays];
  const readFile = (path: string): string => (path === file ? JSON.stringify(config) : profileIo.readFile(path));
  return readConfig(files, { ...environment, readFile });
}

const flagsOf = ({ targets = [], user, group, full = false, acceptSource = false }: Selection) => ({
  ...{ target: targets, user, group, full, acceptSource },
});

const syncFlags = ({ retry = false, plan, allowRemovals, adoptConflicts = false, reason, ...selection }: SyncOptions) =>
  ({
    ...flagsOf(selection),
    ...{ retry, plan, allowRemovals, adoptConflicts },
    ...(reason === undefined ? {} : { reason }),
  }) satisfies PassFlags;

const outcomeOf = (exit: ExitCode): Outcome => (exit === 0 ? 'done' : exit === 3 ? 'held' : 'failed');

/** Logs the events of a pass, and passes on those that are public. */
const emitTo =
  (context: Context, listeners: EventListeners) =>
  (isRunning: boolean): Emit => {
    const log = logEvents(context, { isRunning });
    return (event) => {
      log(event);
      passOn(event, listeners);
    };
  };

function passOn(event: PassEvent, { emit }: EventListeners): void {
  if (event.type === 'read') {
    const { source, unchanged: isUnchanged, users, groups, memberships } = event;
    emit('read', { source, isUnchanged, users, groups, memberships });
  } else if (event.type === 'planned') emit('planned', { target: event.target, operations: event.operations });
  else if (event.type === 'operation')
    for (const line of outcomeLines(event.target, event.operation, event)) emit('operation', line);
}

function checked(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw errorFor(error);
  }
}

/** The error of a call. One that no operator can act on is a defect of scimsync, and stays as it is. */
function errorFor(error: unknown, redact = (text: string): string => text, stop?: AbortSignal): unknown {
  const known =
    error instanceof OperatorError || stop?.aborted !== true
      ? error
      : new OperatorError('library.stopped', 'the call was stopped before it was done; call it again');
  if (!(known instanceof OperatorError)) return known;
  return new ScimsyncError(known.code, redact(known.message), known instanceof InvalidConfig ? known.issues : []);
}
