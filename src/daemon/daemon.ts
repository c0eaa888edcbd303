import { createAlarm } from './alarm.ts';
import type { ChangeWatcher, DaemonIo, DaemonTarget } from './daemon-io.ts';
import { debounce, type DebounceOptions } from './debounce.ts';
import { createDueSources } from './due-sources.ts';
import { runDriftChecks } from './drift-checks.ts';
import { createLaneTable, type LaneTable } from './lane-table.ts';
import { isStateLocked, lockedRetry } from './locked-state.ts';
import { watchNotices, type Notice } from './notices.ts';
import { quarantineEnd } from './quarantine.ts';

/** One change of a directory often has several steps (an entry is deleted, then its memberships). They share a pass. */
const debounceOptions: DebounceOptions = { quietMs: 100, maxWaitMs: 500 };

/**
 * Runs a pass at the start, at every tick, soon after every change, and at the moments at which the dates of users have
 * an effect. A source with a schedule of its own is read in the first pass, at its ticks, and after its changes. A
 * target with a schedule of its own takes part in the first pass, and in those of its ticks.
 *
 *     pass 1   read │ lane a ───│
 *                   │ lane b ───────────────────── slow ─────│ b again, by the last reading
 *     pass 2            read │ lane a ───│  (b learns of the news)
 *
 * One pass reads at a time. Once its reading is committed, the next pass may begin, although targets are still busy.
 * What demands a pass during a reading shares the one that follows. A pass that finds the state locked by another
 * process is tried again soon. When `stop` is aborted, the daemon waits for the running passes, which complete the
 * requests in flight.
 */
export async function runDaemon(io: DaemonIo, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const runner = createPassRunner(io, stop);
  const watching = new Set<Promise<void>>();
  let reloading = new AbortController();
  /** Until the next reload. */
  const arrange = (): void => {
    reloading.abort();
    reloading = new AbortController();
    runner.reload();
    for (const work of startPasses(io, runner, AbortSignal.any([stop, reloading.signal]))) {
      watching.add(work);
      void work.finally(() => watching.delete(work));
    }
    runner.demand({ targets: io.targets.map(({ name }) => name), isNews: false });
  };
  arrange();
  io.watchReloads?.((notices) => {
    if (stop.aborted) return;
    runner.takeNotices(notices);
    arrange();
  }, stop);
  void watchNotices(io.clock, () => runner.takeNotices(io.notices()), stop);
  await waitForAbort(stop);
  await Promise.all([runner.ended(), ...watching]);
}

/** Starts a pass at ticks and after changes. @returns what ends some time after `stop` is aborted */
function startPasses(io: DaemonIo, runner: PassRunner, stop: AbortSignal): readonly Promise<void>[] {
  const usual: Demand = { targets: withoutSchedule(io.targets), isNews: false };
  io.schedule(() => {
    if (runner.isReading() && !stop.aborted) io.onLateTick();
    runner.demand(usual);
  }, stop);
  for (const { name, schedule } of io.targets) schedule?.(() => runner.demand({ targets: [name], isNews: true }), stop);
  const requestPass = debounce(io.clock, debounceOptions, () => runner.demand(usual), stop);
  const watching = io.sources.map(({ name, schedule, watch, isSettled = false }) => {
    const isDue = (): void => runner.addDue(name);
    schedule?.(() => {
      isDue();
      runner.demand(usual);
    }, stop);
    const onChange = (): void => {
      isDue();
      if (isSettled) runner.demand(usual);
      else requestPass();
    };
    return watchAfterFirstReading(io, watch, runner.firstRead, onChange, stop);
  });
  return [...watching, ...startChecks(io, runner, stop)];
}

/** Compares targets with the snapshot, between passes. The first pass comes first. */
function startChecks(
  { clock, targets, check, onError }: DaemonIo,
  { enterCheck, firstRead }: PassRunner,
  stop: AbortSignal,
): readonly Promise<void>[] {
  if (check === undefined) return [];
  const io = { clock, enter: enterCheck, check, onError };
  const checked = targets.filter(({ isChecked }) => isChecked === true);
  return checked.map(({ name }) => firstRead.then(() => runDriftChecks(io, name, stop)));
}

/** The targets that take part in each pass of the daemon. */
const withoutSchedule = (targets: readonly DaemonTarget[]): readonly string[] =>
  targets.flatMap(({ name, schedule }) => (schedule === undefined ? [name] : []));

/** What demands a pass. */
interface Demand {
  readonly targets: readonly string[];
  /** The pass is news for busy targets, although the source did not change: dates fell due, or a tick was missed. */
  readonly isNews: boolean;
}

interface PassRunner {
  /** Starts a pass, now or after the reading of the running one. */
  demand(demand: Demand): void;
  isReading(): boolean;
  /** Lets the lanes take notice of what changed, and wakes those that are to run. */
  takeNotices(notices: readonly Notice[]): void;
  /** A source with a schedule of its own is to be read in the next pass. */
  addDue(source: string): void;
  /** Sources and targets are others by now: all sources are due. */
  reload(): void;
  readonly enterCheck: LaneTable['enterCheck'];
  /** Resolves when no pass is running. */
  ended(): Promise<void>;
  /** Resolves when the first pass has committed its reading, or has ended without one. */
  readonly firstRead: Promise<void>;
}

function createPassRunner(io: DaemonIo, stop: AbortSignal): PassRunner {
  const { clock, pass, nextBoundary, onError } = io;
  const running = new Set<Promise<void>>();
  let isReading = false;
  let demanded: Demand | undefined;
  let startedAt = clock.now();
  let hasFirstRead = false;
  let resolveFirstRead = (): void => undefined;
  const firstRead = new Promise<void>((resolve) => {
    resolveFirstRead = resolve;
  });
  let due = createDueSources([]);
  const known = (targets: readonly string[]): readonly string[] =>
    targets.filter((one) => io.targets.some(({ name }) => name === one));
  const setAlarm = createAlarm(clock, () => demand({ targets: withoutSchedule(io.targets), isNews: true }), stop);
  /** What passes demanded that found the state locked by another process. */
  let locked: { readonly demand: Demand; readonly tries: number } | undefined;
  const setRetry = createAlarm(clock, () => locked && demand(locked.demand), stop);
  /** A boundary before a pass is not tried again after a failure. */
  const setNextAlarm = (): void => {
    try {
      setAlarm(nextBoundary(startedAt));
    } catch (error) {
      onError(error);
    }
  };
  const track = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  const report = (error: unknown): void => {
    if (!stop.aborted) onError(error);
  };

  const wake = async (woken: readonly string[]): Promise<void> => {
    for (let tries = 1, isDone = false; !isDone && !stop.aborted; tries += 1) {
      const only = known(woken);
      if (only.length === 0) return;
      try {
        await pass({
          ...{ lanes: lanes.forPass(true), only, byLastReading: true, notDue: new Set<string>() },
          onRead: () => undefined,
        });
        isDone = true;
      } catch (error) {
        report(error);
        // Otherwise the rules may not fit the columns of the source.
        const now = clock.now();
        const until = isStateLocked(error) ? lockedRetry(now, tries) : quarantineEnd(now, tries, undefined);
        await clock.sleep(until - now, stop).catch(() => undefined);
      }
    }
  };
  const takeNotices = (notices: readonly Notice[]): void => {
    const removed = notices.flatMap(({ command, target }) =>
      command === 'removed' && target !== undefined ? [target] : [],
    );
    const names = [...io.targets.map(({ name }) => name), ...removed];
    const woken = notices.flatMap((notice) => lanes.notice(notice, names));
    // The first pass plans all targets, and does not know the columns of the source before.
    if (woken.length > 0 && hasFirstRead && !stop.aborted) track(wake([...new Set(woken)]));
  };
  const lanes = createLaneTable(
    {
      ...{ clock, save: io.save, onQuarantine: io.onQuarantine, onRecovery: io.onRecovery },
      credentialsRefusedUntil: io.credentialsRefusedUntil,
      takeNotices: () => takeNotices(io.notices()),
      wake: (target) => track(wake([target])),
    },
    stop,
  );

  const start = (given: Demand): void => {
    const all = both(locked?.demand, given);
    const { isNews } = all;
    const targets = known(all.targets);
    const demandOfPass = { targets, isNews };
    const tries = (locked?.tries ?? 0) + 1;
    locked = undefined;
    setRetry(undefined);
    if (targets.length === 0) return;
    isReading = true;
    const dueThen = due;
    startedAt = clock.now();
    let hasRead = false;
    const onRead = (accepted: ReadonlySet<string>): void => {
      if (hasRead) return;
      hasRead = true;
      isReading = false;
      dueThen.end(accepted);
      hasFirstRead = true;
      resolveFirstRead();
      if (stop.aborted) return;
      const next = demanded;
      demanded = undefined;
      if (next === undefined) setNextAlarm();
      else start(next);
    };
    const isAll = targets.length === io.targets.length;
    const signals = { only: isAll ? undefined : targets, byLastReading: false, notDue: due.begin(), onRead };
    const work = pass({ ...signals, lanes: lanes.forPass(isNews) })
      .catch((error: unknown) => {
        report(error);
        if (hasRead || !isStateLocked(error)) return;
        locked = { demand: demandOfPass, tries };
        setRetry(lockedRetry(clock.now(), tries));
      })
      .then(() => {
        // Deletions of accounts that this pass deactivated may be due next.
        if (hasRead && !isReading && !stop.aborted) setNextAlarm();
        onRead(new Set());
      });
    track(work);
  };
  const demand = (one: Demand): void => {
    if (stop.aborted || one.targets.length === 0) return;
    if (isReading) demanded = both(demanded, one);
    else start(one);
  };
  return {
    demand,
    isReading: () => isReading,
    takeNotices,
    addDue: (source) => due.add(source),
    reload() {
      due = createDueSources(io.sources.flatMap(({ name, schedule }) => (schedule === undefined ? [] : [name])));
    },
    enterCheck: (target) => lanes.enterCheck(target),
    async ended() {
      while (running.size > 0) await Promise.all(running);
    },
    firstRead,
  };
}

/** One pass that satisfies two demands. */
const both = (one: Demand | undefined, other: Demand): Demand => ({
  targets: [...new Set([...(one?.targets ?? []), ...other.targets])],
  isNews: other.isNews || one?.isNews === true,
});

/** The watcher needs the bookmark of the first reading; without it, a source would report every entry as a change. */
async function watchAfterFirstReading(
  { onError }: DaemonIo,
  watch: ChangeWatcher | undefined,
  firstRead: Promise<void>,
  onChange: () => void,
  stop: AbortSignal,
): Promise<void> {
  await firstRead;
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
