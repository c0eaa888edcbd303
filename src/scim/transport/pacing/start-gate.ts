import type { Clock } from '../../../model/clock.ts';

/** Which tasks may start, so that few of them wait for the rate limiter. */
export interface StartGate {
  readonly isOpen: boolean;
  /** Resolves when it may be open, or when no task is queued. */
  opened(): Promise<void>;
  noneQueued(): void;
  /** A task starts. @returns to be called when it has ended */
  start(): () => void;
  /** A task asked the rate limiter. */
  asked(): void;
  /** A request was granted or given up: others may start. */
  changed(): void;
}

/** Requests of this time may wait for the rate limiter: a task that is late does not leave a slot unused. */
const aheadMs = 40;
const minAhead = 2;
/** A task that has not asked after this time waits for something else, such as the lock of a group. */
const freshMs = 50;

/**
 * At a limit of 50 requests per second, 32 tasks that wait for it would take 0.6 s, and news would wait for them. So a
 * task starts when the rate limiter will soon let its request through:
 *
 *     queued tasks ──▶ gate ──▶ fresh: not asked yet ──▶ waiting for a slot ──▶ in flight
 *                               └──────────── at most `aheadMs` ──────────┘
 *
 * @param waiting number of requests that wait for a slot
 */
export function createStartGate(requestsPerSecond: number, clock: Clock, waiting: () => number): StartGate {
  const ahead = Math.max(minAhead, Math.ceil((aheadMs * requestsPerSecond) / 1000));
  /** Tasks that started and have not asked, with the time of their start; in this order. */
  const fresh = new Map<object, number>();
  const paused: (() => void)[] = [];
  let isTimed = false;

  const forgetOld = (): void => {
    const since = clock.now() - freshMs;
    for (const [task, startedAt] of fresh) {
      if (startedAt > since) return;
      fresh.delete(task);
    }
  };
  const changed = (): void => {
    if (paused.length === 0) return;
    forgetOld();
    for (let room = ahead - fresh.size - waiting(); room > 0 && paused.length > 0; room -= 1) paused.shift()?.();
  };
  /** Tasks that wait for something else report nothing. */
  const lookLater = async (): Promise<void> => {
    isTimed = true;
    while (paused.length > 0 && fresh.size > 0) {
      await clock.sleep(freshMs);
      changed();
    }
    isTimed = false;
  };

  return {
    get isOpen() {
      if (fresh.size + waiting() < ahead) return true;
      forgetOld();
      return fresh.size + waiting() < ahead;
    },
    opened: () =>
      new Promise((resolve) => {
        paused.push(resolve);
        if (!isTimed) void lookLater();
      }),
    noneQueued() {
      for (const resume of paused.splice(0)) resume();
    },
    start() {
      const task = {};
      fresh.set(task, clock.now());
      return () => {
        fresh.delete(task);
        changed();
      };
    },
    asked() {
      // Which task asks does not matter: one of them has left the state in which it may ask at any moment.
      const [oldest] = fresh.keys();
      if (oldest !== undefined) fresh.delete(oldest);
    },
    changed,
  };
}
