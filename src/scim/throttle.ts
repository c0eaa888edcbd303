import PQueue from 'p-queue';
import { instant, type Instant } from '../model/ids.ts';
import type { Allows } from '../model/profile.ts';
import type { Clock } from '../model/world.ts';
import { openPace, type Slot } from './pace.ts';

/** A request's leave to go. */
export interface Leave {
  readonly at: Instant;
  /** To be called when its answer has come or is not waited for any more. */
  answered(): void;
}

/** How much at once and how fast, for one target. */
export interface Throttle {
  /** Resolves when there is room for one more; the task then runs as soon as fewer than `concurrency` are running. The higher priority overtakes. */
  submit(task: () => Promise<void>, priority: number): Promise<void>;
  /** How many tasks are running. */
  readonly running: number;
  /** Lets so many tasks run at once, from now on. */
  widen(concurrency: number): void;
  /** Resolves when all that was submitted has ended. @throws what the first failing task threw */
  idle(): Promise<void>;
  /** Waits until one request may go. @throws the signal's reason */
  leave(priority: number, signal: AbortSignal): Promise<Leave>;
  /** Nothing goes before then. */
  pauseUntil(at: Instant): void;
}

interface Waiter {
  readonly priority: number;
  readonly since: number;
  readonly go: (leave: Leave) => void;
}

export function openThrottle(
  { requestsPerSecond, concurrency }: Pick<Allows, 'requestsPerSecond' | 'concurrency'>,
  clock: Clock,
): Throttle {
  const queue = new PQueue({ concurrency });
  const pace = openPace(requestsPerSecond);
  const waiters: Waiter[] = [];
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let isServing = false;
  let wake = new AbortController();
  let sleepsUntil = Number.NEGATIVE_INFINITY;
  let failure: { readonly error: unknown } | undefined;
  /** Who waits until the queue is shorter. p-queue's own onSizeLessThan makes an exception for each, a tenth of what a request costs. */
  const feeders: (() => void)[] = [];

  /** Serves the waiters one after the other while there are any. */
  async function serve(): Promise<void> {
    isServing = true;
    for (let first = waiters[0]; first !== undefined; first = waiters[0]) {
      const now = clock.now();
      const at = Math.max(pausedUntil, pace.next(now));
      if (at <= now) {
        waiters.shift();
        first.go(leaveOf(pace.take(now, Math.max(first.since, pausedUntil)), now));
      } else {
        wake = new AbortController();
        sleepsUntil = at;
        await clock.sleep(at - now, wake.signal).catch(() => undefined);
      }
    }
    isServing = false;
  }

  function leaveOf(slot: Slot, now: Instant): Leave {
    return {
      at: instant(now),
      answered() {
        const answeredAt = clock.now();
        pace.answered(slot, answeredAt);
        // A quick answer may let the next one go earlier than was thought.
        if (Math.max(pausedUntil, pace.next(answeredAt)) < sleepsUntil) wake.abort();
      },
    };
  }

  return {
    async submit(task, priority) {
      while (queue.size >= queue.concurrency) {
        await new Promise<void>((room) => {
          feeders.push(room);
        });
      }
      rethrow();
      const started = (): Promise<void> => {
        feeders.shift()?.();
        return task();
      };
      queue.add(started, { priority }).catch((error: unknown) => {
        failure ??= { error };
      });
    },

    get running() {
      return queue.pending;
    },

    widen(most) {
      queue.concurrency = Math.max(concurrency, most);
    },

    async idle() {
      await queue.onIdle();
      rethrow();
    },

    leave(priority, signal) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1);
          // A timer that nobody waits for would keep the process alive.
          if (waiters.length === 0) wake.abort();
          reject(signal.reason as Error);
        };
        const go = (leave: Leave): void => {
          signal.removeEventListener('abort', stop);
          resolve(leave);
        };
        const waiter: Waiter = { priority, since: clock.now(), go };
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener('abort', stop, { once: true });
        const behind = waiters.findIndex((other) => other.priority < priority);
        waiters.splice(behind === -1 ? waiters.length : behind, 0, waiter);
        if (!isServing) void serve();
      });
    },

    pauseUntil(at) {
      pausedUntil = Math.max(pausedUntil, at);
    },
  };

  function rethrow(): void {
    if (failure !== undefined) throw failure.error;
  }
}
