import PQueue from 'p-queue';
import { instant, type Instant } from '../../model/ids.ts';
import type { ProfileLimits } from '../../model/profile.ts';
import type { Clock } from '../../model/clock.ts';
import { createSlidingWindowLimiter, type Slot } from './rate-limiter.ts';

/** The permission to send one request. */
export interface Permit {
  readonly grantedAt: Instant;
  /** Call it when the response has arrived or is no longer awaited. */
  release(): void;
}

/** Concurrency limit and rate limiter of one target. */
export interface Throttle {
  /** Resolves when the queue has room; the task then runs as soon as fewer than `concurrency` tasks are running. */
  submit(task: () => Promise<void>): Promise<void>;
  /** Number of running tasks. */
  readonly running: number;
  /** Sets the concurrency limit, at least that of the profile. */
  setConcurrency(concurrency: number): void;
  /** Resolves when all submitted tasks have ended. @throws the error of the first failed task */
  idle(): Promise<void>;
  /** Waits until one request may be sent. @throws the signal's reason */
  acquire(signal: AbortSignal): Promise<Permit>;
  /** Sends no request before that time. */
  pauseUntil(at: Instant): void;
}

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
  /**
   * Submitters that wait for a shorter queue. p-queue's own onSizeLessThan creates an exception for each, a tenth of
   * the cost of a request.
   */
  const backpressureWaiters: (() => void)[] = [];

  /** Grants permits to the waiting requests in order, until no request waits. */
  async function serve(): Promise<void> {
    isServing = true;
    for (let first = waiters[0]; first !== undefined; first = waiters[0]) {
      const now = clock.now();
      const at = Math.max(pausedUntil, rateLimiter.nextSlotAt(now));
      if (at <= now) {
        waiters.shift();
        first.grant(createPermit(rateLimiter.reserve(now, Math.max(first.since, pausedUntil)), now));
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
    async submit(task) {
      while (queue.size >= queue.concurrency) {
        await new Promise<void>((resume) => {
          backpressureWaiters.push(resume);
        });
      }
      throwFailure();
      const start = (): Promise<void> => {
        backpressureWaiters.shift()?.();
        return task();
      };
      queue.add(start).catch((error: unknown) => {
        failure ??= { error };
      });
    },

    get running() {
      return queue.pending;
    },

    setConcurrency(limit) {
      queue.concurrency = Math.max(concurrency, limit);
    },

    async idle() {
      await queue.onIdle();
      throwFailure();
    },

    acquire(signal) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1);
          // A timer that no request waits for would keep the process alive.
          if (waiters.length === 0) wake.abort();
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
