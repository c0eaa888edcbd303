import type { Clock } from '../model/clock.ts';
import type { Instant } from '../model/ids.ts';
import { createAlarm } from './alarm.ts';
import { debounce, type DebounceOptions } from './debounce.ts';
import { createDueSources, type DueSources } from './due-sources.ts';

/** Calls `onTick` whenever a pass is scheduled, until `stop` is aborted. */
export type Schedule = (onTick: () => void, stop: AbortSignal) => void;

/** Calls `onChange` soon after the source changed, until `stop` is aborted. */
export type ChangeWatcher = (onChange: () => void, stop: AbortSignal) => Promise<void>;

/** How the daemon and a running pass notify each other. */
export interface PassSignals {
  /**
   * Aborted when the source changes during the pass, which may then leave its remaining operations to the next pass.
   */
  readonly sourceChanged: AbortSignal;
  /** The pass calls it after it has read the source and planned. */
  readonly onPlanned: () => void;
  /** The sources that the pass does not read, by name: they have schedules of their own, and are not due. */
  readonly notDue: ReadonlySet<string>;
}

/** A source that starts passes of its own. */
export interface DaemonSource {
  readonly name: string;
  /** When it is read; undefined: in every pass. */
  readonly schedule: Schedule | undefined;
  /** Undefined: its changes start no pass. */
  readonly watch: ChangeWatcher | undefined;
}

/** Everything that the daemon takes from outside. */
export interface DaemonIo {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly sources: readonly DaemonSource[];
  /**
   * Runs one pass. The pass observes the stop signal itself, and ends early.
   *
   * @returns the sources whose readings it accepted, by name
   */
  readonly pass: (signals: PassSignals) => Promise<ReadonlySet<string>>;
  /** The first moment after `after` at which the dates of users have an effect; undefined: there is none. */
  readonly nextBoundary: (after: Instant) => Instant | undefined;
  /** A pass or the watcher failed, and not because the daemon stops. */
  readonly onError: (error: unknown) => void;
  /** A tick was skipped because a pass was running. */
  readonly onSkippedTick: () => void;
}

/** One change of a directory often has several steps (an entry is deleted, then its memberships). They share a pass. */
const debounceOptions: DebounceOptions = { quietMs: 100, maxWaitMs: 500 };

/**
 * Runs a pass at the start, at every tick, soon after every change, and at the moments at which the dates of users have
 * an effect; never two at the same time. A source with a schedule of its own is read in the first pass, at its ticks,
 * and after its changes.
 *
 * A tick during a pass is skipped; that of a source starts another pass. A change during a pass may be missing from it,
 * so that pass is notified and another one follows. When `stop` is aborted, the daemon waits for the running pass,
 * which completes the requests in flight.
 */
export async function runDaemon(io: DaemonIo, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const due = createDueSources(io.sources.flatMap(({ name, schedule }) => (schedule === undefined ? [] : [name])));
  const runner = createPassRunner(io, due, stop);
  void runner.start();
  io.schedule(() => {
    if (runner.start() === undefined && !stop.aborted) io.onSkippedTick();
  }, stop);
  const requestPass = debounce(io.clock, debounceOptions, runner.requestPass, stop);
  const watching = io.sources.map(({ name, schedule, watch }) => {
    const isDue = (): void => due.add(name);
    schedule?.(() => {
      isDue();
      runner.startNext();
    }, stop);
    const onChange = (): void => {
      isDue();
      requestPass();
    };
    return watchAfterFirstPlan(io, watch, runner.firstPlanned, onChange, stop);
  });
  await waitForAbort(stop);
  await Promise.all([runner.current(), ...watching]);
}

interface PassRunner {
  /** Starts a pass. @returns undefined if a pass is running already, or if the daemon stops */
  start(): Promise<void> | undefined;
  /** Starts a pass, now or after the running one. */
  startNext(): void;
  /** The same, and notifies the running one. */
  requestPass(): void;
  /** The running pass. */
  current(): Promise<void> | undefined;
  /** Resolves when the first pass has planned, or has ended without a plan. */
  readonly firstPlanned: Promise<void>;
}

function createPassRunner(
  { clock, pass, nextBoundary, onError }: DaemonIo,
  due: DueSources,
  stop: AbortSignal,
): PassRunner {
  let current: Promise<void> | undefined;
  let changeController = new AbortController();
  let isPassRequested = false;
  let onPlanned = (): void => undefined;
  const firstPlanned = new Promise<void>((resolve) => {
    onPlanned = resolve;
  });
  const setAlarm = createAlarm(clock, () => void start(), stop);
  /** A boundary during a pass may be missing from it. A boundary before a pass is not tried again after a failure. */
  const setNextAlarm = (startedAt: Instant): void => {
    try {
      setAlarm(nextBoundary(startedAt));
    } catch (error) {
      onError(error);
    }
  };
  const start = (): Promise<void> | undefined => {
    if (stop.aborted || current !== undefined) return undefined;
    const startedAt = clock.now();
    changeController = new AbortController();
    current = pass({ sourceChanged: changeController.signal, onPlanned, notDue: due.begin() })
      .catch((error: unknown) => {
        if (!stop.aborted) onError(error);
        return new Set<string>();
      })
      .then((accepted) => {
        due.end(accepted);
        current = undefined;
        onPlanned();
        if (isPassRequested) void start();
        else if (!stop.aborted) setNextAlarm(startedAt);
      });
    isPassRequested = false;
    return current;
  };
  const startNext = (): void => {
    if (start() === undefined) isPassRequested = true;
  };
  return {
    start,
    startNext,
    requestPass() {
      if (start() !== undefined) return;
      isPassRequested = true;
      changeController.abort(new Error('the source has changed'));
    },
    current: () => current,
    firstPlanned,
  };
}

/** The watcher needs the bookmark of the first reading; without it, a source would report every entry as a change. */
async function watchAfterFirstPlan(
  { onError }: DaemonIo,
  watch: ChangeWatcher | undefined,
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
