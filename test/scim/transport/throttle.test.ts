import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { Clock } from '../../../src/model/clock.ts';
import { createThrottle } from '../../../src/scim/transport/throttle.ts';
import { hurriedClock, never } from '../fixtures.ts';

const real: Clock = {
  now: () => instant(Date.now()),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

describe('throttle', () => {
  test('keeps the pace in real time', async () => {
    const throttle = createThrottle({ requestsPerSecond: 100, concurrency: 8 }, real);
    const times: number[] = [];
    for (let i = 0; i < 150; i += 1) {
      await throttle.submit(async () => {
        const leave = await throttle.acquire(never);
        times.push(performance.now());
        await sleep(2);
        leave.release();
      });
    }
    await throttle.idle();
    const worst = Math.max(
      ...times.map((time, index) => times.filter((other, at) => at <= index && other > time - 1000).length),
    );
    expect(times).toHaveLength(150);
    expect(worst).toBeLessThanOrEqual(100);
  });

  test('runs no more than `concurrency` side by side, and takes no more than it can soon run', async () => {
    const throttle = createThrottle({ requestsPerSecond: 1000, concurrency: 3 }, hurriedClock());
    const open: (() => void)[] = [];
    let running = 0;
    let accepted = 0;
    const feeding = (async () => {
      for (let i = 0; i < 20; i += 1) {
        await throttle.submit(async () => {
          running += 1;
          await new Promise<void>((done) => open.push(done));
          running -= 1;
        });
        accepted += 1;
      }
    })();
    await sleep(20);
    expect(running).toBe(3);
    expect(accepted).toBeLessThan(10);
    const closing = setInterval(() => open.shift()?.(), 1);
    await feeding;
    await throttle.idle();
    clearInterval(closing);
    expect(accepted).toBe(20);
  });

  test('requests go in the order in which they came', async () => {
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, hurriedClock());
    const order: string[] = [];
    const wait = (name: string) => throttle.acquire(never).then(() => order.push(name));
    await Promise.all([wait('a'), wait('b'), wait('c')]);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('nothing goes during a pause', async () => {
    const clock = hurriedClock();
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, clock);
    const until = instant(clock.now() + 30_000);
    throttle.pauseUntil(until);
    throttle.pauseUntil(instant(clock.now() + 1000));
    expect((await throttle.acquire(never)).grantedAt).toBeGreaterThanOrEqual(until);
  });

  test('who stops waiting is forgotten, and leaves no timer behind', async () => {
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

  test('what a task throws comes out where its end is waited for', async () => {
    const throttle = createThrottle({ requestsPerSecond: 10, concurrency: 2 }, hurriedClock());
    await throttle.submit(() => Promise.reject(new Error('disk full')));
    await expect(throttle.idle()).rejects.toThrow('disk full');
    await expect(throttle.submit(async () => undefined)).rejects.toThrow('disk full');
  });
});
