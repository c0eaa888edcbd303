import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { Clock } from '../../../src/model/clock.ts';
import { createThrottle, type Throttle } from '../../../src/scim/transport/throttle.ts';
import { createManualClock } from '../../daemon/manual-clock.ts';
import { hurriedClock, never } from '../fixtures.ts';

/** Lets all tasks run that wait for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

describe('throttle', () => {
  test('grants at most the requests of one second in any second, and nearly as many', async () => {
    const clock = createManualClock();
    const throttle = createThrottle({ requestsPerSecond: 100, concurrency: 8 }, clock);
    const times: number[] = [];
    const requests = (async () => {
      for (let number = 0; number < 150; number += 1) {
        await throttle.submit(async () => {
          const permit = await throttle.acquire(never);
          times.push(permit.grantedAt);
          await clock.sleep(2);
          permit.release();
        });
      }
      await throttle.idle();
    })();
    for (let steps = 0; steps < 300 && times.length < 150; steps += 1) await clock.advance(10);
    await clock.advance(2);
    await requests;
    const worst = Math.max(
      ...times.map((time, index) => times.filter((other, at) => at <= index && other > time - 1000).length),
    );
    expect(times).toHaveLength(150);
    expect(worst).toBeLessThanOrEqual(100);
    expect((times[149] ?? 0) - (times[0] ?? 0)).toBeLessThanOrEqual(1.05 * 1490);
  });

  test('runs at most `concurrency` tasks at once, and accepts few more', async () => {
    const throttle = createThrottle({ requestsPerSecond: 1000, concurrency: 3 }, hurriedClock());
    const finish: (() => void)[] = [];
    let running = 0;
    let accepted = 0;
    const submissions = (async () => {
      for (let number = 0; number < 20; number += 1) {
        await throttle.submit(async () => {
          running += 1;
          await new Promise<void>((done) => finish.push(done));
          running -= 1;
        });
        accepted += 1;
      }
    })();
    await settle();
    expect(running).toBe(3);
    expect(accepted).toBeLessThan(10);
    for (let number = 0; number < 20; number += 1) {
      finish.shift()?.();
      await settle();
      expect(running).toBeLessThanOrEqual(3);
    }
    await submissions;
    await throttle.idle();
    expect(accepted).toBe(20);
  });

  test('grants requests in the order of their arrival', async () => {
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, hurriedClock());
    const order: string[] = [];
    const wait = (name: string) => throttle.acquire(never).then(() => order.push(name));
    await Promise.all([wait('a'), wait('b'), wait('c')]);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('grants no request during a pause; the latest end counts', async () => {
    const clock = hurriedClock();
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, clock);
    const until = instant(clock.now() + 30_000);
    throttle.pauseUntil(until);
    throttle.pauseUntil(instant(clock.now() + 1000));
    expect((await throttle.acquire(never)).grantedAt).toBeGreaterThanOrEqual(until);
  });

  test('a request that is aborted while it waits leaves no timer', async () => {
    let sleeping: AbortSignal | undefined;
    const clock: Clock = {
      now: () => instant(0),
      sleep: (_, signal) =>
        new Promise((_done, fail) => {
          sleeping = signal;
          signal?.addEventListener('abort', () => fail(signal.reason as Error));
        }),
    };
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, clock);
    throttle.pauseUntil(instant(5000));
    const stop = new AbortController();
    const waiting = throttle.acquire(stop.signal);
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    expect(sleeping?.aborted).toBe(true);
    await expect(throttle.acquire(stop.signal)).rejects.toThrow('stop');
  });

  test('lets more tasks wait at a fast target, so that their marks are saved together', async () => {
    const clock = createManualClock();
    const throttle = createThrottle({ requestsPerSecond: 100_000, concurrency: 2 }, clock);
    const acceptedWhileBusy = async (): Promise<number> => {
      const finish: (() => void)[] = [];
      const seen = { accepted: 0 };
      const submissions = (async () => {
        for (; seen.accepted < 200; seen.accepted += 1)
          await throttle.submit(() => new Promise<void>((done) => finish.push(done)));
      })();
      await settle();
      const { accepted } = seen;
      while (seen.accepted < 200 || finish.length > 0) {
        finish.splice(0).forEach((done) => done());
        await settle();
      }
      await submissions;
      await throttle.idle();
      return accepted;
    };
    expect(await acceptedWhileBusy()).toBeLessThan(10);
    await clock.advance(50);
    await throttle.submit(async () => undefined);
    await throttle.idle();
    expect(await acceptedWhileBusy()).toBeGreaterThan(50);
  });

  describe('at a low rate', () => {
    /** Submits tasks one after the other, as long as the queue takes them. */
    function submitAll(throttle: Throttle, count: number, task: () => Promise<void>) {
      const seen = { accepted: 0 };
      const all = (async () => {
        for (; seen.accepted < count; seen.accepted += 1) await throttle.submit(task);
        await throttle.idle();
      })();
      return { seen, all };
    }
    const limits = { requestsPerSecond: 50, concurrency: 32 };

    test('few tasks start before the rate limiter lets them through, and no slot stays unused', async () => {
      const clock = createManualClock();
      const throttle = createThrottle(limits, clock);
      const seen = { started: 0, granted: 0, ended: 0, ahead: 0, inFlight: 0 };
      const { all } = submitAll(throttle, 200, async () => {
        seen.started += 1;
        // The mark of the operation is saved first.
        await clock.sleep(3);
        const permit = await throttle.acquire(never);
        seen.granted += 1;
        seen.inFlight = Math.max(seen.inFlight, seen.granted - seen.ended);
        await clock.sleep(400);
        permit.release();
        seen.ended += 1;
      });
      for (let steps = 0; steps < 3000 && seen.ended < 200; steps += 1) {
        await clock.advance(2);
        seen.ahead = Math.max(seen.ahead, seen.started - seen.granted);
      }
      await all;
      expect(seen.ended).toBe(200);
      expect(seen.ahead).toBeLessThanOrEqual(3);
      // 50 a second, and each takes 0.4 s.
      expect(seen.inFlight).toBeGreaterThanOrEqual(19);
    });

    test('no run of tasks keeps waiting when the last one has ended', async () => {
      const clock = createManualClock();
      const throttle = createThrottle(limits, clock);
      const seen = { ended: 0 };
      const { all } = submitAll(throttle, 40, async () => {
        (await throttle.acquire(never)).release();
        seen.ended += 1;
      });
      for (let steps = 0; steps < 200 && seen.ended < 40; steps += 1) await clock.advance(10);
      await all;
      expect(throttle.running).toBe(0);
    });

    test('a task that sends no request does not wait', async () => {
      const throttle = createThrottle(limits, createManualClock());
      const { seen, all } = submitAll(throttle, 1000, async () => undefined);
      await all;
      expect(seen.accepted).toBe(1000);
    });

    test('a task that waits for something else does not keep others waiting for long', async () => {
      const clock = createManualClock();
      const throttle = createThrottle(limits, clock);
      const locked: (() => void)[] = [];
      const { all } = submitAll(throttle, 20, () => new Promise<void>((done) => locked.push(done)));
      for (let steps = 0; steps < 30; steps += 1) await clock.advance(50);
      expect(locked).toHaveLength(20);
      locked.forEach((done) => done());
      await all;
    });

    test('tasks that share requests all start', async () => {
      const throttle = createThrottle(limits, createManualClock());
      throttle.setShared(100);
      const finish: (() => void)[] = [];
      const { all } = submitAll(throttle, 100, () => new Promise<void>((done) => finish.push(done)));
      await settle();
      expect(finish).toHaveLength(100);
      finish.forEach((done) => done());
      await all;
    });

    test('a request that is given up lets the next task start', async () => {
      const throttle = createThrottle({ requestsPerSecond: 1, concurrency: 8 }, createManualClock());
      const stop = new AbortController();
      const { seen, all } = submitAll(throttle, 50, async () => {
        await throttle.acquire(stop.signal).catch(() => undefined);
      });
      await settle();
      expect(seen.accepted).toBeLessThan(8);
      stop.abort();
      await all;
      expect(seen.accepted).toBe(50);
    });
  });

  test('a lower limit of concurrency leaves no task behind', async () => {
    const throttle = createThrottle({ requestsPerSecond: 1000, concurrency: 2 }, hurriedClock());
    throttle.setShared(10);
    const finish: (() => void)[] = [];
    const seen = { ended: 0 };
    for (let number = 0; number < 18; number += 1)
      await throttle.submit(async () => {
        await new Promise<void>((done) => finish.push(done));
        seen.ended += 1;
      });
    throttle.setShared(undefined);
    const idle = throttle.idle();
    while (seen.ended < 18) {
      finish.splice(0).forEach((done) => done());
      await settle();
    }
    await idle;
    expect(throttle.running).toBe(0);
  });

  test('grants a request at once only where none waits and the pace allows it', async () => {
    const clock = createManualClock();
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, clock);
    const start = clock.now();
    expect(throttle.tryAcquire(never)?.grantedAt).toBe(start);
    expect(throttle.tryAcquire(never)).toBeUndefined();
    const waiting = throttle.acquire(never);
    await clock.advance(150);
    expect((await waiting).grantedAt).toBe(start + 100);
    throttle.pauseUntil(instant(clock.now() + 1000));
    await clock.advance(500);
    expect(throttle.tryAcquire(never)).toBeUndefined();
    await clock.advance(600);
    expect(throttle.tryAcquire(AbortSignal.abort())).toBeUndefined();
    expect(throttle.tryAcquire(never)).toBeDefined();
  });

  test('the error of a task is thrown by idle and by the next submit', async () => {
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, hurriedClock());
    await throttle.submit(() => Promise.reject(new Error('disk full')));
    await expect(throttle.idle()).rejects.toThrow('disk full');
    expect(() => throttle.submit(async () => undefined)).toThrow('disk full');
  });
});
