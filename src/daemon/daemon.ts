import type { Clock } from '../model/clock.ts';
import { debounce, type DebounceOptions } from './debounce.ts';

/** When passes are due: calls `due` at every tick until `stop` is aborted. */
export type Schedule = (onTick: () => void, stop: AbortSignal) => void;

/** Calls `changed` soon after something changed in the source, until `stop` is aborted. */
export type ChangeWatcher = (onChange: () => void, stop: AbortSignal) => Promise<void>;

export interface PassSignals {
  /** Aborted when the source changes while the pass runs: what it has left may be left to the next one. */
  readonly sourceChanged: AbortSignal;
  /** To be called once the pass has read its source and planned. */
  readonly onPlanned: () => void;
}

export interface DaemonIo {
  readonly clock: Clock;
  readonly schedule: Schedule;
  /** Undefined: passes begin by schedule alone. */
  readonly watch: ChangeWatcher | undefined;
  /** One pass; it ends early by itself when the daemon is told to stop. */
  readonly pass: (signals: PassSignals) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** A tick came while a pass was running. */
  readonly onSkippedTick: () => void;
}

/** A directory changes in more than one step (an entry goes, then its memberships): a moment of quiet makes one pass of them. */
const debounceOptions: DebounceOptions = { quietMs: 100, maxWaitMs: 500 };

/**
 * A pass at the start, one at every tick, and one soon after every change; never two at once. A tick that falls into a running pass is
 * skipped, but a change that does is perhaps not in it: that pass is told, and another follows. Told to stop, it waits for the running pass, which finishes
 * what is in flight.
 */
export async function runDaemon(io: DaemonIo, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const runner = createPassRunner(io, stop);
  void runner.start();
  io.schedule(() => {
    if (runner.start() === undefined && !stop.aborted) io.onSkippedTick();
  }, stop);
  const watching = watchAfterFirstPlan(
    io,
    runner.firstPlanned,
    debounce(io.clock, debounceOptions, runner.requestPass, stop),
    stop,
  );
  await waitForAbort(stop);
  await Promise.all([runner.current(), watching]);
}

interface PassRunner {
  /** @returns undefined where one is running already, or none may begin */
  start(): Promise<void> | undefined;
  /** After the running one begins another. */
  requestPass(): void;
  current(): Promise<void> | undefined;
  /** Resolves once the first pass has planned, or ended without. */
  readonly firstPlanned: Promise<void>;
}

function createPassRunner({ pass, onError }: DaemonIo, stop: AbortSignal): PassRunner {
  let current: Promise<void> | undefined;
  let changeController = new AbortController();
  let isPassRequested = false;
  let onPlanned = (): void => undefined;
  const firstPlanned = new Promise<void>((resolve) => {
    onPlanned = resolve;
  });
  const start = (): Promise<void> | undefined => {
    if (stop.aborted || current !== undefined) return undefined;
    changeController = new AbortController();
    current = pass({ sourceChanged: changeController.signal, onPlanned })
      .catch((error: unknown) => {
        if (!stop.aborted) onError(error);
      })
      .finally(() => {
        current = undefined;
        onPlanned();
        if (isPassRequested) void start();
      });
    isPassRequested = false;
    return current;
  };
  return {
    start,
    requestPass() {
      if (start() !== undefined) return;
      isPassRequested = true;
      changeController.abort(new Error('the source has changed'));
    },
    current: () => current,
    firstPlanned,
  };
}

/** The first reading leaves a bookmark from which changes can be told; without it, a source would tell everything as news. */
async function watchAfterFirstPlan(
  { watch, onError }: DaemonIo,
  firstPlanned: Promise<void>,
  onChange: () => void,
  stop: AbortSignal,
): Promise<void> {
  await firstPlanned;
  if (watch === undefined || stop.aborted) return;
  await watch(onChange, stop).catch((error: unknown) => {
    if (!stop.aborted) onError(error);
  });
}

function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
