import type { Instant } from '../model/ids.ts';
import type { Window } from '../model/profile.ts';
import { duration, minute } from '../model/time.ts';
import type { Clock } from '../model/world.ts';
import { resourcePath } from './address.ts';
import type { ScimRequest } from './message.ts';

/** A pass has no more patience than this with one limit. */
const longestWait = 5 * minute;
/** How much later than it was sent a request may arrive, in milliseconds. */
const longestDelay = 500;

/** Limits over longer times than a second, each for the requests that it means. */
export interface Windows {
  /**
   * Waits until a request may go, and counts it. The higher priority overtakes.
   *
   * @returns why not, where that would take too long
   * @throws the signal's reason
   */
  enter(
    request: Pick<ScimRequest, 'method' | 'path'>,
    priority: number,
    signal: AbortSignal,
  ): Promise<Counted | { readonly tooLong: string }>;
}

/** A request that was counted. */
export interface Counted {
  /** It goes only now: other limits may have held it back meanwhile. */
  sent(at: Instant): void;
}

/** One limit, with the times of the last requests that it has counted. */
interface Counter {
  readonly window: Window;
  readonly sent: { at: number }[];
  oldest: number;
}

interface Waiter {
  readonly counters: readonly Counter[];
  readonly priority: number;
}

export function openWindows(windows: readonly Window[], clock: Clock): Windows {
  const counters = windows.map((window): Counter => ({ window, sent: [], oldest: 0 }));
  const waiters: Waiter[] = [];

  /** Whoever waits for the same limit, and came first or is more urgent, goes first. */
  function isOvertaken(waiter: Waiter): boolean {
    return waiters
      .slice(0, waiters.indexOf(waiter))
      .some((other) => other.counters.some((counter) => waiter.counters.includes(counter)));
  }

  return {
    async enter(request, priority, signal) {
      const waiter: Waiter = { counters: counters.filter(({ window }) => isMeant(request, window)), priority };
      if (waiter.counters.length === 0) return uncounted;
      const behind = waiters.findIndex((other) => other.priority < priority);
      waiters.splice(behind === -1 ? waiters.length : behind, 0, waiter);
      try {
        for (;;) {
          signal.throwIfAborted();
          const now = clock.now();
          const [last] = waiter.counters
            .map((counter) => ({ counter, at: freeAt(counter) }))
            .sort((a, b) => b.at - a.at);
          if (last === undefined) return uncounted;
          const wait = last.at - now;
          if (wait > longestWait) return { tooLong: tooLong(last.counter.window, wait) };
          if (wait <= 0 && !isOvertaken(waiter)) break;
          await clock.sleep(Math.max(1, wait), signal);
        }
        const slot: { at: number } = { at: clock.now() };
        for (const counter of waiter.counters) count(counter, slot);
        return {
          sent(at) {
            slot.at = at;
          },
        };
      } finally {
        waiters.splice(waiters.indexOf(waiter), 1);
      }
    },
  };
}

const uncounted: Counted = { sent: () => undefined };

function isMeant({ method, path }: Pick<ScimRequest, 'method' | 'path'>, { methods, kind }: Window): boolean {
  if (methods !== undefined && !methods.includes(method)) return false;
  if (kind === undefined) return true;
  const collection = resourcePath(kind);
  return path === collection || path.startsWith(`${collection}/`);
}

/** When the request before which there were as many as are allowed is old enough. */
function freeAt({ window: { requests, seconds }, sent, oldest }: Counter): number {
  const before = sent.length < requests ? undefined : sent[oldest];
  return before === undefined ? Number.NEGATIVE_INFINITY : before.at + seconds * 1000 + longestDelay;
}

function count(counter: Counter, slot: { at: number }): void {
  const {
    window: { requests },
    sent,
    oldest,
  } = counter;
  sent[oldest] = slot;
  counter.oldest = (oldest + 1) % requests;
}

function tooLong({ methods, kind, requests, seconds }: Window, wait: number): string {
  const word = requests === 1 ? 'request' : 'requests';
  const about = kind === undefined ? word : `${word} about ${kind === 'User' ? 'people' : 'groups'}`;
  const which = methods === undefined ? about : `${about} (${methods.join(', ')})`;
  return `it allows ${requests} ${which} in ${duration(seconds * 1000)}, and the next may go in ${duration(wait)}`;
}
