import { describe, expect, test } from '@jest/globals';
import { runDaemon } from '../../src/daemon/daemon.ts';

interface Pass {
  finish(): void;
  fail(error: Error): void;
}

/** A daemon whose ticks and passes are in the hands of the test. */
function daemon() {
  const stop = new AbortController();
  const passes: Pass[] = [];
  const failures: unknown[] = [];
  let tick = (): void => {
    throw new Error('nobody asked for ticks');
  };
  let skipped = 0;
  let ended = false;
  const run = runDaemon({
    ticks: (due) => {
      tick = due;
    },
    pass: () => new Promise<void>((resolve, reject) => passes.push({ finish: resolve, fail: reject })),
    failed: (error) => failures.push(error),
    skipped: () => {
      skipped += 1;
    },
  }, stop.signal).then(() => {
    ended = true;
  });
  return {
    passes, failures, run,
    tick: () => tick(),
    skipped: () => skipped,
    stop: () => stop.abort(),
    /** Everything that can happen without a tick or a pass has happened. */
    async settled(): Promise<boolean> {
      await new Promise(setImmediate);
      return ended;
    },
  };
}

describe('passes', () => {
  test('one at the start, and one at every tick', async () => {
    const at = daemon();
    expect(at.passes).toHaveLength(1);
    for (const number of [2, 3]) {
      at.passes.at(-1)?.finish();
      expect(await at.settled()).toBe(false);
      at.tick();
      expect(at.passes).toHaveLength(number);
    }
    expect(at.skipped()).toBe(0);
  });

  test('never two at once: ticks that come meanwhile are skipped, and not made up for', async () => {
    const at = daemon();
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
    const at = daemon();
    const error = new Error('the source is down');
    at.passes[0]?.fail(error);
    expect(await at.settled()).toBe(false);
    expect(at.failures).toEqual([error]);
    at.tick();
    expect(at.passes).toHaveLength(2);
  });
});

describe('told to stop', () => {
  test('it ends at once where nothing runs', async () => {
    const at = daemon();
    at.passes[0]?.finish();
    await at.settled();
    at.stop();
    await at.run;
  });

  test('it waits for the running pass', async () => {
    const at = daemon();
    at.stop();
    expect(await at.settled()).toBe(false);
    at.passes[0]?.finish();
    await at.run;
    expect(at.failures).toEqual([]);
  });

  test('a pass that ends early because of it is no failure', async () => {
    const at = daemon();
    at.stop();
    at.passes[0]?.fail(new Error('aborted'));
    await at.run;
    expect(at.failures).toEqual([]);
  });

  test('a tick that comes after does nothing', async () => {
    const at = daemon();
    at.stop();
    at.tick();
    at.passes[0]?.finish();
    await at.run;
    at.tick();
    expect([at.passes.length, at.skipped()]).toEqual([1, 0]);
  });

  test('before it began, it does nothing at all', async () => {
    const stop = new AbortController();
    stop.abort();
    const never = (): never => {
      throw new Error('nothing was to be done');
    };
    await runDaemon({ ticks: never, pass: never, failed: never, skipped: never }, stop.signal);
  });
});
