import PQueue from 'p-queue';
import { instant, type Instant } from '../../model/ids.ts';
import type { ProfileLimits } from '../../model/profile.ts';
import type { Clock } from '../../model/clock.ts';
import { createSlidingWindowLimiter, type Slot } from './rate-limiter.ts';

/** A request's leave to go. */
export interface Permit {
  readonly grantedAt: Instant;
  /** To be called when its answer has come or is not waited for any more. */
  release(): void;
}

/** How much at once and how fast, for one target. */
export interface Throttle {
  /** Resolves when there is room for one more; the task then runs as soon as fewer than `concurrency` are running. */
  submit(task: () => Promise<void>): Promise<void>;
  /** How many tasks are running. */
  readonly running: number;
  /** Lets so many tasks run at once, from now on. */
  setConcurrency(concurrency: number): void;
  /** Resolves when all that was submitted has ended. @throws what the first failing task threw */
  idle(): Promise<void>;
  /** Waits until one request may go. @throws the signal's reason */
  acquire(signal: AbortSignal): Promise<Permit>;
  /** Nothing goes before then. */
  pauseUntil(at: Instant): void;
}

interface Waiter {
  readonly since: number;
  readonly grant: (permit: Permit) => void;
}

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
  /** Who waits until the queue is shorter. p-queue's own onSizeLessThan makes an exception for each, a tenth of what a request costs. */
  const backpressureWaiters: (() => void)[] = [];

  /** Serves the waiters one after the other while there are any. */
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
        // A quick answer may let the next one go earlier than was thought.
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
          // A timer that nobody waits for would keep the process alive.
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
