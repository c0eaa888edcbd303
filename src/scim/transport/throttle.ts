import PQueue from 'p-queue';
import { instant, type Instant } from '../../model/ids.ts';
import type { ProfileLimits } from '../../model/profile.ts';
import type { Clock } from '../../model/clock.ts';
import { createStartGate } from './pacing/start-gate.ts';
import { createSlidingWindowLimiter, type Slot } from './rate-limiter.ts';

/** The permission to send one request. */
export interface Permit {
  readonly grantedAt: Instant;
  /** Call it when the response has arrived or is no longer awaited. */
  release(): void;
}

/** Concurrency limit and rate limiter of one target. */
export interface Throttle {
  /**
   * Resolves when the queue has room. The task then runs as soon as fewer than `concurrency` tasks are running, and few
   * wait for the rate limiter.
   *
   * @returns undefined if the queue has room now
   * @throws the error of the first failed task, when it has ended
   */
  submit(task: () => Promise<void>): Promise<void> | undefined;
  /** Number of running tasks. */
  readonly running: number;
  /**
   * Tasks share requests from now on, so this number of them runs at once, at least that of the profile, also while
   * requests wait for the rate limiter. Undefined: each task sends requests of its own.
   */
  setShared(tasks: number | undefined): void;
  /** Resolves when all submitted tasks have ended. @throws the error of the first failed task */
  idle(): Promise<void>;
  /** The permission to send one request now; undefined: the request has to wait, or the signal is aborted. */
  tryAcquire(signal: AbortSignal): Permit | undefined;
  /** Waits until one request may be sent. @throws the signal's reason */
  acquire(signal: AbortSignal): Promise<Permit>;
  /** Sends no request before that time. */
  pauseUntil(at: Instant): void;
}

/** The queue holds what the target answers in this time: the marks of these operations are saved together. */
const queuedMs = 25;
const maxQueued = 128;

interface Waiter {
  readonly since: number;
  readonly grant: (permit: Permit) => void;
}

/** Creates the throttle with the limits of a profile. */
export function createThrottle(
  { requestsPerSecond, concurrency }: Pick<ProfileLimits, 'requestsPerSecond' | 'concurrency'>,
  clock: Clock,
): Throttle {
  const queue = new PQueue({ concurrency });
  const rateLimiter = createSlidingWindowLimiter(requestsPerSecond);
  const waiters: Waiter[] = [];
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let isServing = false;
  let wake = new AbortController();
  let sleepingUntil = Number.NEGATIVE_INFINITY;
  let failure: { readonly error: unknown } | undefined;
  const tasks: (() => Promise<void>)[] = [];
  const pace = createPace(clock);
  const gate = createStartGate(requestsPerSecond, clock, () => waiters.length);
  let isShared = false;
  /** Submitters that wait for a shorter queue. */
  const backpressureWaiters: (() => void)[] = [];

  const isQueueFull = (): boolean =>
    tasks.length >= Math.max(isShared ? queue.concurrency : 1, Math.min(pace.perInterval, maxQueued));

  async function submitLater(task: () => Promise<void>): Promise<void> {
    while (isQueueFull())
      await new Promise<void>((resume) => {
        backpressureWaiters.push(resume);
      });
    add(task);
  }

  function add(task: () => Promise<void>): undefined {
    throwFailure();
    tasks.push(task);
    startRun();
  }

  /** To p-queue, a run of tasks is one task: it takes several events and promises for each. */
  function startRun(): void {
    if (tasks.length > 0 && queue.pending + queue.size < queue.concurrency) void queue.add(runTasks).then(startRun);
  }

  async function runTasks(): Promise<void> {
    while (queue.pending <= queue.concurrency) {
      if (tasks.length > 0 && !isShared && !gate.isOpen) {
        await gate.opened();
        continue;
      }
      const task = tasks.shift();
      if (task === undefined) {
        gate.noneQueued();
        return;
      }
      backpressureWaiters.shift()?.();
      const ended = gate.start();
      try {
        await task();
      } catch (error) {
        failure ??= { error };
      }
      ended();
      pace.count();
    }
  }

  /** Grants permits to the waiting requests in order, until no request waits. */
  async function serve(): Promise<void> {
    isServing = true;
    for (let first = waiters[0]; first !== undefined; first = waiters[0]) {
      const now = clock.now();
      const at = Math.max(pausedUntil, rateLimiter.nextSlotAt(now));
      if (at <= now) {
        waiters.shift();
        first.grant(createPermit(rateLimiter.reserve(now, Math.max(first.since, pausedUntil)), now));
        gate.changed();
      } else {
        wake = new AbortController();
        sleepingUntil = at;
        await clock.sleep(at - now, wake.signal).catch(() => undefined);
      }
    }
    isServing = false;
  }

  function createPermit(slot: Slot, now: Instant): Permit {
    return {
      grantedAt: instant(now),
      release() {
        const answeredAt = clock.now();
        rateLimiter.answered(slot, answeredAt);
        // A fast response may allow the next request earlier than planned.
        if (Math.max(pausedUntil, rateLimiter.nextSlotAt(answeredAt)) < sleepingUntil) wake.abort();
      },
    };
  }

  return {
    submit: (task) => (isQueueFull() ? submitLater(task) : add(task)),

    get running() {
      return queue.pending;
    },

    setShared(limit) {
      isShared = limit !== undefined;
      queue.concurrency = Math.max(concurrency, limit ?? 0);
    },

    async idle() {
      // A lower limit ends several runs at once, and the next ones begin a moment later.
      do await queue.onIdle();
      while (tasks.length > 0);
      throwFailure();
    },

    tryAcquire(signal) {
      if (isServing || signal.aborted) return undefined;
      const now = clock.now();
      if (Math.max(pausedUntil, rateLimiter.nextSlotAt(now)) > now) return undefined;
      gate.asked();
      gate.changed();
      return createPermit(rateLimiter.reserve(now, Math.max(now, pausedUntil)), now);
    },

    acquire(signal) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1);
          // A timer that no request waits for would keep the process alive.
          if (waiters.length === 0) wake.abort();
          gate.changed();
          reject(signal.reason as Error);
        };
        const grant = (permit: Permit): void => {
          signal.removeEventListener('abort', stop);
          resolve(permit);
        };
        const waiter: Waiter = { since: clock.now(), grant };
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener('abort', stop, { once: true });
        gate.asked();
        waiters.push(waiter);
        if (!isServing) void serve();
      });
    },

    pauseUntil(at) {
      pausedUntil = Math.max(pausedUntil, at);
    },
  };

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }
}

/** Counts the tasks that end in an interval of `queuedMs`. */
function createPace({ now }: Pick<Clock, 'now'>): { readonly perInterval: number; count(): void } {
  let since: number = now();
  let ended = 0;
  let perInterval = 0;
  return {
    get perInterval() {
      return perInterval;
    },
    count() {
      ended += 1;
      const elapsedMs = now() - since;
      if (elapsedMs < queuedMs) return;
      perInterval = (ended * queuedMs) / elapsedMs;
      since += elapsedMs;
      ended = 0;
    },
  };
}
