import { describe, expect, test } from '@jest/globals';
import { runDaemon } from '../../src/daemon/daemon.ts';
import { instant, type Instant } from '../../src/model/ids.ts';
import { createManualClock } from './manual-clock.ts';

interface Pass {
  readonly sourceChanged: AbortSignal;
  readonly notDue: ReadonlySet<string>;
  onPlanned(): void;
  /** @param accepted the sources whose readings were accepted */
  finish(...accepted: readonly string[]): void;
  fail(error: Error): void;
}

/** A daemon whose ticks, changes and passes the test controls. */
function startDaemon() {
  const stop = new AbortController();
  const passes: Pass[] = [];
  const failures: unknown[] = [];
  let tick = (): void => {
    throw new Error('the daemon has no schedule yet');
  };
  let change = (): void => {
    throw new Error('no watcher is running');
  };
  let tickOfDirectory = tick;
  let changeOfDirectory = change;
  let skippedTicks = 0;
  let boundaries: readonly Instant[] = [];
  let hasEnded = false;
  const clock = createManualClock();
  const run = runDaemon(
    {
      clock,
      sources: [
        {
          name: 'hr',
          schedule: undefined,
          watch: async (changed, until) => {
            change = changed;
            await new Promise<void>((resolve) => until.addEventListener('abort', () => resolve()));
          },
        },
        {
          name: 'ad',
          schedule: (due) => {
            tickOfDirectory = due;
          },
          watch: async (changed) => {
            changeOfDirectory = changed;
            await Promise.resolve();
          },
        },
      ],
      schedule: (due) => {
        tick = due;
      },
      pass: (signals) =>
        new Promise((resolve, reject) =>
          passes.push({ ...signals, finish: (...accepted) => resolve(new Set(accepted)), fail: reject }),
        ),
      nextBoundary: (after) => boundaries.find((at) => at > after),
      onError: (error) => failures.push(error),
      onSkippedTick: () => {
        skippedTicks += 1;
      },
    },
    stop.signal,
  ).then(() => {
    hasEnded = true;
  });
  return {
    passes,
    failures,
    run,
    clock,
    tick: () => tick(),
    change: () => change(),
    tickOfDirectory: () => tickOfDirectory(),
    changeOfDirectory: () => changeOfDirectory(),
    /** Dates that have an effect this number of milliseconds from now, in order. */
    setBoundaries: (...delays: readonly number[]) => {
      boundaries = delays.map((delay) => instant(clock.now() + delay));
    },
    skipped: () => skippedTicks,
    stop: () => stop.abort(),
    /** Waits until all pending callbacks have run. @returns whether the daemon has ended */
    async settled(): Promise<boolean> {
      await new Promise(setImmediate);
      return hasEnded;
    },
  };
}

describe('passes', () => {
  test('one at the start, and one at every tick', async () => {
    const at = startDaemon();
    expect(at.passes).toHaveLength(1);
    for (const number of [2, 3]) {
      at.passes.at(-1)?.finish();
      expect(await at.settled()).toBe(false);
      at.tick();
      expect(at.passes).toHaveLength(number);
    }
    expect(at.skipped()).toBe(0);
  });

  test('never two at the same time: ticks during a pass are skipped, and not repeated later', async () => {
    const at = startDaemon();
    at.tick();
    at.tick();
    expect([at.passes.length, at.skipped()]).toEqual([1, 2]);
    at.passes[0]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(1);
    at.tick();
    expect([at.passes.length, at.skipped()]).toEqual([2, 2]);
  });

  test('one that fails is reported, and the next tick begins another', async () => {
    const at = startDaemon();
    const error = new Error('the source is down');
    at.passes[0]?.fail(error);
    expect(await at.settled()).toBe(false);
    expect(at.failures).toEqual([error]);
    at.tick();
    expect(at.passes).toHaveLength(2);
  });
});

describe('changes', () => {
  /** A daemon whose first pass has ended, so that its watcher is running. */
  async function listening(): Promise<ReturnType<typeof startDaemon>> {
    const at = startDaemon();
    expect(() => at.change()).toThrow('no watcher is running');
    at.passes[0]?.finish();
    await at.settled();
    return at;
  }

  test('are watched for once the first pass has planned, while it is still running', async () => {
    const at = startDaemon();
    at.passes[0]?.onPlanned();
    await at.settled();
    at.change();
    await at.clock.advance(100);
    expect([at.passes.length, at.passes[0]?.sourceChanged.aborted]).toEqual([1, true]);
    at.passes[0]?.finish();
    await at.settled();
    expect([at.passes.length, at.passes[1]?.sourceChanged.aborted]).toEqual([2, false]);
  });

  test('are watched for after the first pass failed', async () => {
    const at = startDaemon();
    at.passes[0]?.fail(new Error('the source is down'));
    await at.settled();
    at.change();
    await at.clock.advance(100);
    expect(at.passes).toHaveLength(2);
  });

  test('a change begins a pass after a moment of quiet', async () => {
    const at = await listening();
    at.change();
    expect(at.passes).toHaveLength(1);
    await at.clock.advance(100);
    expect(at.passes).toHaveLength(2);
  });

  test('a series of changes starts one pass', async () => {
    const at = await listening();
    for (let news = 0; news < 50; news += 1) at.change();
    await at.clock.advance(100);
    at.passes[1]?.finish();
    await at.settled();
    await at.clock.advance(1000);
    expect(at.passes).toHaveLength(2);
  });

  test('a change during a pass is followed by another pass, and one is enough', async () => {
    const at = await listening();
    at.change();
    await at.clock.advance(100);
    for (let news = 0; news < 3; news += 1) {
      at.change();
      await at.clock.advance(100);
    }
    expect([at.passes.length, at.skipped(), at.passes[1]?.sourceChanged.aborted]).toEqual([2, 0, true]);
    at.passes[1]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(3);
    at.passes[2]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(3);
  });

  test('ticks still start passes', async () => {
    const at = await listening();
    at.tick();
    at.passes[1]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(2);
  });

  test('after the stop, a pending change starts no pass', async () => {
    const at = await listening();
    at.change();
    at.stop();
    await at.run;
    await at.clock.advance(1000);
    expect(at.passes).toHaveLength(1);
  });
});

describe('a source with a schedule of its own', () => {
  /** A daemon whose first pass accepted its reading. */
  async function afterFirstPass(): Promise<ReturnType<typeof startDaemon>> {
    const at = startDaemon();
    expect([...(at.passes[0]?.notDue ?? [])]).toEqual([]);
    at.passes[0]?.finish('hr', 'ad');
    await at.settled();
    return at;
  }
  const notDueIn = ({ passes }: ReturnType<typeof startDaemon>): readonly (readonly string[])[] =>
    passes.slice(1).map(({ notDue }) => [...notDue]);

  test('is read in the first pass, and then at its own ticks only', async () => {
    const at = await afterFirstPass();
    at.tick();
    at.passes[1]?.finish('hr');
    await at.settled();
    at.tickOfDirectory();
    at.passes[2]?.finish('hr', 'ad');
    await at.settled();
    at.tick();
    expect(notDueIn(at)).toEqual([['ad'], [], ['ad']]);
  });

  test('is read again in every pass until a reading is accepted', async () => {
    const at = await afterFirstPass();
    at.tickOfDirectory();
    at.passes[1]?.finish('hr');
    await at.settled();
    at.tick();
    at.passes[2]?.fail(new Error('the primary source is down'));
    await at.settled();
    at.tick();
    at.passes[3]?.finish('hr', 'ad');
    await at.settled();
    at.tick();
    expect(notDueIn(at)).toEqual([[], [], [], ['ad']]);
  });

  test('a tick of it during a pass starts another one, and does not preempt the pass', async () => {
    const at = await afterFirstPass();
    at.tick();
    at.tickOfDirectory();
    expect([at.passes.length, at.skipped(), at.passes[1]?.sourceChanged.aborted]).toEqual([2, 0, false]);
    at.passes[1]?.finish('hr', 'ad');
    await at.settled();
    expect(notDueIn(at)).toEqual([['ad'], []]);
  });

  test('a change of it starts a pass that reads it; a change of another source does not', async () => {
    const at = await afterFirstPass();
    at.changeOfDirectory();
    await at.clock.advance(100);
    at.passes[1]?.finish('hr', 'ad');
    await at.settled();
    at.change();
    await at.clock.advance(100);
    expect(notDueIn(at)).toEqual([[], ['ad']]);
  });
});

describe('when it is stopped', () => {
  test('it ends immediately if no pass is running', async () => {
    const at = startDaemon();
    at.passes[0]?.finish();
    await at.settled();
    at.stop();
    await at.run;
  });

  test('it waits for the running pass', async () => {
    const at = startDaemon();
    at.stop();
    expect(await at.settled()).toBe(false);
    at.passes[0]?.finish();
    await at.run;
    expect(at.failures).toEqual([]);
  });

  test('a pass that ends early because of the stop is not reported as a failure', async () => {
    const at = startDaemon();
    at.stop();
    at.passes[0]?.fail(new Error('aborted'));
    await at.run;
    expect(at.failures).toEqual([]);
  });

  test('a tick that comes after does nothing', async () => {
    const at = startDaemon();
    at.stop();
    at.tick();
    at.passes[0]?.finish();
    await at.run;
    at.tick();
    expect([at.passes.length, at.skipped()]).toEqual([1, 0]);
  });

  test('it does nothing if it was stopped before the start', async () => {
    const stop = new AbortController();
    stop.abort();
    const never = (): never => {
      throw new Error('nothing was to be done');
    };
    await runDaemon(
      {
        clock: createManualClock(),
        schedule: never,
        sources: [{ name: 'hr', schedule: never, watch: never }],
        pass: never,
        nextBoundary: never,
        onError: never,
        onSkippedTick: never,
      },
      stop.signal,
    );
  });
});

describe('dates of users', () => {
  test('start a pass to the millisecond, one after the other', async () => {
    const at = startDaemon();
    at.setBoundaries(25_000, 25_001, 40_000);
    at.passes[0]?.finish();
    await at.settled();
    await at.clock.advance(24_999);
    expect(at.passes).toHaveLength(1);
    await at.clock.advance(1);
    expect(at.passes).toHaveLength(2);
    at.passes[1]?.finish();
    await at.settled();
    await at.clock.advance(1);
    expect(at.passes).toHaveLength(3);
    at.passes[2]?.finish();
    await at.settled();
    await at.clock.advance(14_998);
    expect(at.passes).toHaveLength(3);
    await at.clock.advance(1);
    expect(at.passes).toHaveLength(4);
    expect(at.skipped()).toBe(0);
  });

  test('during a pass start another one at its end', async () => {
    const at = startDaemon();
    at.setBoundaries(5);
    await at.clock.advance(10);
    expect(at.passes).toHaveLength(1);
    at.passes[0]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(2);
    at.passes[1]?.finish();
    await at.settled();
    await at.clock.advance(50);
    expect(at.passes).toHaveLength(2);
  });

  test('are read again after each pass: a new date may come before the one that is set', async () => {
    const at = startDaemon();
    at.setBoundaries(500);
    at.passes[0]?.finish();
    await at.settled();
    at.tick();
    at.setBoundaries(10);
    at.passes[1]?.finish();
    await at.settled();
    await at.clock.advance(10);
    expect(at.passes).toHaveLength(3);
    at.passes[2]?.finish();
    await at.settled();
    await at.clock.advance(600);
    expect(at.passes).toHaveLength(3);
  });

  test('start no pass of their own after a failed one', async () => {
    const at = startDaemon();
    at.setBoundaries(10);
    at.passes[0]?.finish();
    await at.settled();
    await at.clock.advance(10);
    at.passes[1]?.fail(new Error('the state is locked'));
    await at.settled();
    await at.clock.advance(50);
    expect(at.passes).toHaveLength(2);
  });

  test('start no pass after the end', async () => {
    const at = startDaemon();
    at.setBoundaries(10);
    at.passes[0]?.finish();
    await at.settled();
    at.stop();
    await at.run;
    await at.clock.advance(20);
    expect(at.passes).toHaveLength(1);
  });
});
