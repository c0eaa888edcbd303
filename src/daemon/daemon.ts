import type { Clock } from '../model/world.ts';
import { debounced, type Patience } from './debounce.ts';

/** When passes are due: calls `due` at every tick until `stop` is aborted. */
export type Ticks = (due: () => void, stop: AbortSignal) => void;

/** Calls `changed` soon after something changed in the source, until `stop` is aborted. */
export type Watching = (changed: () => void, stop: AbortSignal) => Promise<void>;

export interface Running {
  /** Aborted when the source changes while the pass runs: what it has left may be left to the next one. */
  readonly news: AbortSignal;
  /** To be called once the pass has read its source and planned. */
  readonly planned: () => void;
}

export interface DaemonIo {
  readonly clock: Clock;
  readonly ticks: Ticks;
  /** Undefined: passes begin by schedule alone. */
  readonly watch: Watching | undefined;
  /** One pass; it ends early by itself when the daemon is told to stop. */
  readonly pass: (running: Running) => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** A tick came while a pass was running. */
  readonly skipped: () => void;
}

/** A directory changes in more than one step (an entry goes, then its memberships): a moment of quiet makes one pass of them. */
const patience: Patience = { quietMs: 100, longestMs: 500 };

/**
 * A pass at the start, one at every tick, and one soon after every change; never two at once. A tick that falls into a running pass is
 * skipped, but a change that does is perhaps not in it: that pass is told, and another follows. Told to stop, it waits for the running pass, which finishes
 * what is in flight.
 */
export async function runDaemon(io: DaemonIo, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const passes = openPasses(io, stop);
  void passes.begin();
  io.ticks(() => {
    if (passes.begin() === undefined && !stop.aborted) io.skipped();
  }, stop);
  const watching = watchAfter(io, passes.planned, debounced(io.clock, patience, passes.beginOrRepeat, stop), stop);
  await aborted(stop);
  await Promise.all([passes.running(), watching]);
}

interface Passes {
  /** @returns undefined where one is running already, or none may begin */
  begin(): Promise<void> | undefined;
  /** After the running one begins another. */
  beginOrRepeat(): void;
  running(): Promise<void> | undefined;
  /** Resolves once the first pass has planned, or ended without. */
  readonly planned: Promise<void>;
}

function openPasses({ pass, failed }: DaemonIo, stop: AbortSignal): Passes {
  let running: Promise<void> | undefined;
  let news = new AbortController();
  let isRepeated = false;
  let planned = (): void => undefined;
  const firstPlanned = new Promise<void>((resolve) => {
    planned = resolve;
  });
  const begin = (): Promise<void> | undefined => {
    if (stop.aborted || running !== undefined) return undefined;
    news = new AbortController();
    running = pass({ news: news.signal, planned })
      .catch((error: unknown) => {
        if (!stop.aborted) failed(error);
      })
      .finally(() => {
        running = undefined;
        planned();
        if (isRepeated) void begin();
      });
    isRepeated = false;
    return running;
  };
  return {
    begin,
    beginOrRepeat() {
      if (begin() !== undefined) return;
      isRepeated = true;
      news.abort(new Error('the source has changed'));
    },
    running: () => running,
    planned: firstPlanned,
  };
}

/** The first reading leaves a bookmark from which changes can be told; without it, a source would tell everything as news. */
async function watchAfter(
  { watch, failed }: DaemonIo,
  planned: Promise<void>,
  changed: () => void,
  stop: AbortSignal,
): Promise<void> {
  await planned;
  if (watch === undefined || stop.aborted) return;
  await watch(changed, stop).catch((error: unknown) => {
    if (!stop.aborted) failed(error);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
