import { describe, expect, test } from '@jest/globals';
import { runDaemon } from '../../src/daemon/daemon.ts';
import type { Notice } from '../../src/daemon/notices.ts';
import { OperatorError } from '../../src/model/errors.ts';
import { instant, type Instant } from '../../src/model/ids.ts';
import type { LaneState } from '../../src/model/target/lane-state.ts';
import type { TargetReport } from '../../src/sync/target-report.ts';
import type { Lanes } from '../../src/sync/lanes/lanes.ts';
import { createManualClock } from './manual-clock.ts';

interface Pass {
  readonly lanes: Lanes;
  readonly only: readonly string[] | undefined;
  readonly byLastReading: boolean;
  readonly notDue: ReadonlySet<string>;
  /** Its reading is committed. @param accepted the sources whose readings were accepted */
  read(...accepted: readonly string[]): void;
  /** The same, and it ends. @param accepted the sources whose readings were accepted */
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
  let tickOfTarget = tick;
  const states = new Map<string, LaneState | undefined>();
  const quarantines: string[] = [];
  const notices: Notice[] = [];
  let lateTicks = 0;
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
      targets: [
        { name: 'one', schedule: undefined },
        { name: 'two', schedule: undefined },
        {
          name: 'nightly',
          schedule: (due) => {
            tickOfTarget = due;
          },
        },
      ],
      pass: (signals) =>
        new Promise((resolve, reject) => {
          const read = (...accepted: readonly string[]): void => signals.onRead(new Set(accepted));
          const finish = (...accepted: readonly string[]): void => {
            read(...accepted);
            resolve();
          };
          passes.push({ ...signals, read, finish, fail: reject });
        }),
      save: (target, state) => {
        states.set(target, state);
        return Promise.resolve();
      },
      onQuarantine: (target, tries) => quarantines.push(`${target} ${tries}`),
      onRecovery: (target) => quarantines.push(`${target} works`),
      notices: () => notices.splice(0),
      nextBoundary: (after) => boundaries.find((at) => at > after),
      onError: (error) => failures.push(error),
      onLateTick: () => {
        lateTicks += 1;
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
    states,
    quarantines,
    tick: () => tick(),
    tickOfTarget: () => tickOfTarget(),
    change: () => change(),
    tickOfDirectory: () => tickOfDirectory(),
    changeOfDirectory: () => changeOfDirectory(),
    /** Dates that have an effect this number of milliseconds from now, in order. */
    setBoundaries: (...delays: readonly number[]) => {
      boundaries = delays.map((delay) => instant(clock.now() + delay));
    },
    late: () => lateTicks,
    /** A command left a notice. @param target undefined: it concerns all targets */
    command: (command: Notice['command'], target?: string) => notices.push({ command, target }),
    stop: () => stop.abort(),
    /** Waits until all pending callbacks have run. @returns whether the daemon has ended */
    async settled(): Promise<boolean> {
      await new Promise(setImmediate);
      return hasEnded;
    },
  };
}

describe('a state that another process has locked', () => {
  const locked = (): OperatorError => new OperatorError('state.locked', 'another scimsync is at work');

  test('the pass is tried again after growing intervals, and not only at the next tick', async () => {
    const at = startDaemon();
    for (const [tries, ms] of [500, 1000, 2000].entries()) {
      at.passes.at(-1)?.fail(locked());
      await at.settled();
      await at.clock.advance(ms - 1);
      expect(at.passes).toHaveLength(tries + 1);
      await at.clock.advance(1);
      expect(at.passes).toHaveLength(tries + 2);
    }
    at.passes.at(-1)?.finish();
    await at.settled();
    await at.clock.advance(60_000);
    expect(at.passes).toHaveLength(4);
    expect(at.failures).toHaveLength(3);
  });

  test('a pass that is demanded before takes over the targets', async () => {
    const at = startDaemon();
    at.passes[0]?.finish();
    await at.settled();
    at.tickOfTarget();
    expect(at.passes[1]?.only).toEqual(['nightly']);
    at.passes[1]?.fail(locked());
    await at.settled();
    at.tick();
    expect(at.passes[2]?.only).toBeUndefined();
    at.passes[2]?.finish();
    await at.settled();
    await at.clock.advance(60_000);
    expect(at.passes).toHaveLength(3);
  });

  test('another failure waits for the next tick', async () => {
    const at = startDaemon();
    at.passes[0]?.fail(new Error('the directory cannot be reached'));
    await at.settled();
    await at.clock.advance(60_000);
    expect(at.passes).toHaveLength(1);
  });
});

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
    expect(at.late()).toBe(0);
  });

  test('one reads at a time: ticks during a reading are caught up once', async () => {
    const at = startDaemon();
    at.tick();
    at.tick();
    expect([at.passes.length, at.late()]).toEqual([1, 2]);
    at.passes[0]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(2);
    at.passes[1]?.finish();
    await at.settled();
    expect(at.passes).toHaveLength(2);
  });

  test('one whose targets are busy does not hold up the next one', async () => {
    const at = startDaemon();
    at.passes[0]?.read();
    at.tick();
    expect([at.passes.length, at.late()]).toEqual([2, 0]);
    at.passes[1]?.finish();
    at.stop();
    expect(await at.settled()).toBe(false);
    at.passes[0]?.finish();
    await at.run;
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

  test('are watched for once the first reading is committed, while its targets are busy', async () => {
    const at = startDaemon();
    at.passes[0]?.read();
    await at.settled();
    at.change();
    await at.clock.advance(100);
    expect(at.passes).toHaveLength(2);
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
    expect([at.passes.length, at.late()]).toEqual([2, 0]);
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

  test('a tick of it during a reading starts another pass', async () => {
    const at = await afterFirstPass();
    at.tick();
    at.tickOfDirectory();
    expect([at.passes.length, at.late()]).toEqual([2, 0]);
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

describe('a target with a schedule of its own', () => {
  test('takes part in the first pass, and then at its own ticks', async () => {
    const at = startDaemon();
    at.passes[0]?.finish();
    await at.settled();
    at.tick();
    at.passes[1]?.finish();
    await at.settled();
    at.tickOfTarget();
    at.passes[2]?.finish();
    await at.settled();
    expect(at.passes.map(({ only }) => only)).toEqual([undefined, ['one', 'two'], ['nightly']]);
  });

  test('and a tick of all others that come during a reading share a pass', async () => {
    const at = startDaemon();
    at.tickOfTarget();
    at.tick();
    at.passes[0]?.finish();
    await at.settled();
    expect(at.passes.map(({ only }) => only)).toEqual([undefined, undefined]);
  });
});

describe('lanes', () => {
  const report = (target: string, unavailable?: string) =>
    ({ kind: 'ended', report: { target, unavailable } as TargetReport, decisions: [], preempted: undefined }) as const;

  test('a busy target learns of a later reading, and runs again by it', async () => {
    const at = startDaemon();
    const lane = at.passes[0]?.lanes.enter('one', { pass: 1, reading: 1 });
    at.passes[0]?.read();
    at.tick();
    expect(at.passes[1]?.lanes.enter('one', { pass: 2, reading: 1 })).toBeUndefined();
    expect(lane?.news.pending).toBe(false);
    expect(at.passes[1]?.lanes.enter('one', { pass: 2, reading: 2 })).toBeUndefined();
    expect(lane?.news.pending).toBe(true);
    expect(at.states.get('one')).toMatchObject({ state: 'busy', pass: 1, until: undefined });
    await lane?.leave(report('one'));
    expect(at.states.get('one')).toBeUndefined();
    expect(at.passes.at(-1)).toMatchObject({ only: ['one'], byLastReading: true });
    expect(at.passes).toHaveLength(3);
  });

  test('news that the lane took starts no pass', async () => {
    const at = startDaemon();
    const lane = at.passes[0]?.lanes.enter('one', { pass: 1, reading: 1 });
    at.passes[0]?.lanes.enter('one', { pass: 2, reading: 2 });
    lane?.news.take();
    expect(lane?.news.pending).toBe(false);
    await lane?.leave(report('one'));
    expect(at.passes).toHaveLength(1);
  });

  test('one that fails is quarantined, is tried again by itself, and comes back', async () => {
    const at = startDaemon();
    const lane = at.passes[0]?.lanes.enter('one', { pass: 1, reading: 1 });
    at.passes[0]?.finish();
    await lane?.leave(report('one', 'it is down'));
    await at.settled();
    expect(at.states.get('one')).toMatchObject({ state: 'quarantined', reason: 'it is down' });
    at.tick();
    expect(at.passes[1]?.lanes.enter('one', { pass: 2, reading: 2 })).toBeUndefined();
    expect(at.passes[1]?.lanes.enter('two', { pass: 2, reading: 2 })).toBeDefined();
    await at.clock.advance(5_001);
    expect(at.passes[2]).toMatchObject({ only: ['one'], byLastReading: true });
    const again = at.passes[2]?.lanes.enter('one', { pass: 3, reading: 2 });
    await again?.leave(report('one'));
    expect(at.quarantines).toEqual(['one 1', 'one works']);
    expect(at.states.get('one')).toBeUndefined();
  });

  test('one that is preempted while its target asks for a pause is tried again at the end of the pause', async () => {
    const at = startDaemon();
    const lane = at.passes[0]?.lanes.enter('one', { pass: 1, reading: 1 });
    lane?.waitUntil?.(instant(at.clock.now() + 50));
    at.passes[0]?.lanes.enter('one', { pass: 2, reading: 2 });
    await lane?.leave(report('one'));
    await at.clock.advance(49);
    expect([at.passes.length, at.states.get('one')?.state]).toEqual([1, 'quarantined']);
    await at.clock.advance(2);
    expect(at.passes[1]).toMatchObject({ only: ['one'], byLastReading: true });
    expect(at.quarantines).toEqual([]);
  });

  test('one whose try finds the state locked is tried again', async () => {
    const at = startDaemon();
    const lane = at.passes[0]?.lanes.enter('one', { pass: 1, reading: 1 });
    await lane?.leave({ kind: 'failed', error: new Error('broken') });
    await at.clock.advance(5_001);
    at.passes[1]?.fail(new Error('locked'));
    await at.clock.advance(5_001);
    expect([at.passes.length, at.failures]).toEqual([3, [new Error('locked')]]);
  });
});

describe('what commands changed', () => {
  const ended = { kind: 'ended', report: {} as TargetReport, decisions: [], preempted: undefined } as const;

  /** The first pass has read; lane `one` is busy, and the others are free. */
  function startBusy() {
    const at = startDaemon();
    const lane = at.passes[0]?.lanes.enter('one', { pass: 1, reading: 1 });
    at.passes[0]?.read();
    return { at, lane };
  }

  test('resume, unfreeze and approve wake free lanes without a tick, and freeze does not', async () => {
    const { at } = startBusy();
    at.command('resume', 'two');
    await at.clock.advance(250);
    at.command('unfreeze');
    await at.clock.advance(250);
    at.command('approve', 'nightly');
    await at.clock.advance(250);
    at.command('freeze');
    await at.clock.advance(250);
    expect(at.passes.slice(1).map(({ only, byLastReading }) => [only, byLastReading])).toEqual([
      [['two'], true],
      [['two', 'nightly'], true],
      [['nightly'], true],
    ]);
  });

  test('a busy lane learns of freeze and unfreeze between two operations', async () => {
    const { at, lane } = startBusy();
    expect(lane?.news.pending).toBe(false);
    at.command('freeze');
    await at.clock.advance(10);
    expect(lane?.news.pending).toBe(true);
    lane?.news.take();
    at.command('unfreeze');
    await at.clock.advance(10);
    expect(lane?.news.pending).toBe(true);
    expect(lane?.end?.aborted).toBe(false);
    expect(at.passes.slice(1).map(({ only }) => only)).toEqual([['two', 'nightly']]);
  });

  test('pause ends the pass of a busy lane, and nothing wakes the lane before resume', async () => {
    const { at, lane } = startBusy();
    at.command('pause', 'one');
    expect([lane?.news.pending, lane?.end?.aborted]).toEqual([false, true]);
    await lane?.leave({ ...ended, preempted: 'paused' });
    at.command('unfreeze');
    at.command('approve', 'one');
    await at.clock.advance(250);
    expect(at.passes.slice(1).map(({ only }) => only)).toEqual([['two', 'nightly']]);
    expect(at.passes[1]?.lanes.enter('one', { pass: 2, reading: 1 })).toBeUndefined();
    at.command('resume', 'one');
    await at.clock.advance(250);
    expect(at.passes.at(-1)).toMatchObject({ only: ['one'], byLastReading: true });
    expect(at.passes[2]?.lanes.enter('one', { pass: 3, reading: 1 })).toBeDefined();
  });

  test('a lane that is resumed before its pass has ended runs again afterwards', async () => {
    const { at, lane } = startBusy();
    at.command('pause', 'one');
    at.command('resume', 'one');
    expect([lane?.news.pending, lane?.end?.aborted]).toEqual([true, true]);
    await lane?.leave({ ...ended, preempted: 'paused' });
    expect(at.passes.slice(1)).toMatchObject([{ only: ['one'], byLastReading: true }]);
  });

  test('approve ends the pass of a busy lane that holds something, which then plans everything again', async () => {
    const { at, lane } = startBusy();
    lane?.planned?.(() => true);
    at.command('approve', 'one');
    expect([lane?.news.pending, lane?.end?.aborted]).toEqual([false, true]);
    await lane?.leave({ ...ended, preempted: 'approved' });
    expect(at.passes.slice(1)).toMatchObject([{ only: ['one'], byLastReading: true }]);
  });

  // The plan of a lane uses an approval that is there before it ends: ending the lane then would waste the approval.
  test('approve does not end a busy lane that holds nothing, whenever its notice arrives', async () => {
    const { at, lane } = startBusy();
    lane?.planned?.(() => false);
    at.command('approve', 'one');
    expect([lane?.news.pending, lane?.end?.aborted]).toEqual([false, false]);
  });

  test('approve during a planning ends the lane only if the plan then holds something', async () => {
    for (const holds of [true, false]) {
      const { at, lane } = startBusy();
      at.command('approve', 'one');
      expect([lane?.news.pending, lane?.end?.aborted]).toEqual([false, false]);
      lane?.planned?.(() => holds);
      expect(lane?.end?.aborted).toBe(holds);
    }
  });

  test('approve ends a busy lane when news is held later', async () => {
    const { at, lane } = startBusy();
    let isHeld = false;
    lane?.planned?.(() => isHeld);
    at.command('approve', 'one');
    expect([lane?.news.pending, lane?.end?.aborted]).toEqual([false, false]);
    isHeld = true;
    expect([lane?.news.pending, lane?.end?.aborted]).toEqual([false, true]);
  });

  test('a quarantined lane, and a target of another configuration, is not woken', async () => {
    const { at, lane } = startBusy();
    await lane?.leave({ kind: 'failed', error: new Error('broken') });
    at.command('approve', 'one');
    at.command('resume', 'other');
    await at.clock.advance(250);
    expect(at.passes).toHaveLength(1);
  });

  test('before the first reading is committed, no lane is woken', async () => {
    const at = startDaemon();
    at.command('unfreeze');
    await at.clock.advance(250);
    expect(at.passes).toHaveLength(1);
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
    expect([at.passes.length, at.late()]).toEqual([1, 0]);
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
        notices: never,
        nextBoundary: never,
        onError: never,
        targets: [],
        save: never,
        onQuarantine: never,
        onRecovery: never,
        onLateTick: never,
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
    expect(at.late()).toBe(0);
  });

  test('during a reading start another pass after it', async () => {
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
