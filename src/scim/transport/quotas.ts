import { instant, type Instant } from '../../model/ids.ts';
import type { Quota } from '../../model/profile.ts';
import { formatDuration, minuteMs } from '../../model/time.ts';
import type { Clock } from '../../model/clock.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import { resourcePath } from '../encode/urls.ts';
import type { ScimRequest } from './message.ts';

/** Longest time that a pass waits for one quota. */
const maxWaitMs = 5 * minuteMs;
/** Longest assumed time from sending a request to its arrival, in milliseconds. */
const maxDelayMs = 500;

/** Each window is stored in about this number of intervals, so that the number of rows is bounded. */
const intervalsPerWindow = 100;
const shortestIntervalMs = 1000;

/** Limits over longer periods than a second, each for certain methods and resource types. */
export interface Quotas {
  /** Whether any quota limits such requests. */
  concern(request: Pick<ScimRequest, 'method' | 'path'>): boolean;
  /**
   * Waits until all quotas admit a request, and counts it. The count is stored before the request is sent, so that it
   * holds across processes.
   *
   * @returns the reason, where the wait would be too long
   * @throws the signal's reason
   */
  acquire(
    request: Pick<ScimRequest, 'method' | 'path'>,
    signal: AbortSignal,
  ): Promise<QuotaLease | { readonly tooLong: string }>;
}

/** A request that the quotas have counted. */
export interface QuotaLease {
  /** Sets the time at which the request was really sent: other limits may have delayed it. */
  markSent(at: Instant): void;
}

/** One quota, with the times of the last requests that it counted (a ring buffer). */
interface QuotaCounter {
  readonly quota: Quota;
  /** Names the quota in the stored counts. */
  readonly name: string;
  /** Length of the intervals in which requests are stored, in ms. */
  readonly intervalMs: number;
  readonly slots: { at: number }[];
  oldest: number;
}

interface Waiter {
  readonly counters: readonly QuotaCounter[];
}

/**
 * Creates the counters of all configured quotas.
 *
 * @param stored the requests of earlier processes, and of this one; undefined: requests are counted in memory only
 */
export function createQuotas(configured: readonly Quota[], clock: Clock, stored?: RequestCounts): Quotas {
  const counters = configured.map((quota) => counterOf(quota, clock.now(), stored));
  const waiters: Waiter[] = [];

  /** Whether an earlier request waits for the same quota; it goes first. */
  function hasEarlierWaiter(waiter: Waiter): boolean {
    return waiters
      .slice(0, waiters.indexOf(waiter))
      .some((other) => other.counters.some((counter) => waiter.counters.includes(counter)));
  }

  return {
    concern: (request) => counters.some(({ quota }) => appliesTo(request, quota)),
    async acquire(request, signal) {
      const waiter: Waiter = { counters: counters.filter(({ quota }) => appliesTo(request, quota)) };
      if (waiter.counters.length === 0) return noLease;
      waiters.push(waiter);
      try {
        for (;;) {
          signal.throwIfAborted();
          const now = clock.now();
          const [last] = waiter.counters
            .map((counter) => ({ counter, at: freeAt(counter) }))
            .sort((a, b) => b.at - a.at);
          if (last === undefined) return noLease;
          const wait = last.at - now;
          if (wait > maxWaitMs) return { tooLong: tooLongReason(last.counter.quota, wait) };
          if (wait <= 0 && !hasEarlierWaiter(waiter)) break;
          await clock.sleep(Math.max(1, wait), signal);
        }
      } finally {
        waiters.splice(waiters.indexOf(waiter), 1);
      }
      const grantedAt = clock.now();
      const slot: { at: number } = { at: grantedAt };
      for (const counter of waiter.counters) recordRequest(counter, slot);
      if (stored !== undefined) await Promise.all(waiter.counters.map((counter) => store(stored, counter, grantedAt)));
      return {
        markSent(at) {
          slot.at = at;
          if (stored === undefined) return;
          for (const counter of waiter.counters) void move(stored, counter, grantedAt, at);
        },
      };
    },
  };
}

/** A counter that starts with the stored requests, each at the end of its interval: the latest possible time. */
function counterOf(quota: Quota, now: Instant, stored: RequestCounts | undefined): QuotaCounter {
  const { methods, resourceType, seconds } = quota;
  // A changed number of requests applies to the requests that were sent before, too.
  const name = JSON.stringify([[...(methods ?? [])].sort(), resourceType ?? null, seconds]);
  const intervalMs = Math.max(shortestIntervalMs, Math.ceil((seconds * 1000) / intervalsPerWindow));
  const counter: QuotaCounter = { quota, name, intervalMs, slots: [], oldest: 0 };
  for (const { start, requests } of stored?.since(name, oldestInterval(counter, now)) ?? []) {
    const slot = { at: Math.min(start + intervalMs, now) };
    for (let count = 0; count < requests; count += 1) recordRequest(counter, slot);
  }
  return counter;
}

const intervalStart = ({ intervalMs }: QuotaCounter, at: Instant): Instant => instant(at - (at % intervalMs));

const oldestInterval = (counter: QuotaCounter, now: Instant): Instant =>
  intervalStart(counter, instant(now - counter.quota.seconds * 1000 - counter.intervalMs));

const store = (stored: RequestCounts, counter: QuotaCounter, at: Instant): Promise<void> =>
  stored.add(counter.name, [{ start: intervalStart(counter, at), requests: 1 }], oldestInterval(counter, at));

/** Other limits may delay a request into a later interval. */
async function move(stored: RequestCounts, counter: QuotaCounter, from: Instant, to: Instant): Promise<void> {
  const [before, after] = [intervalStart(counter, from), intervalStart(counter, to)];
  if (before === after) return;
  const changes = [
    { start: before, requests: -1 },
    { start: after, requests: 1 },
  ];
  // The request stays counted in the earlier interval if the state cannot be written.
  await stored.add(counter.name, changes, oldestInterval(counter, to)).catch(() => undefined);
}

const noLease: QuotaLease = { markSent: () => undefined };

function appliesTo({ method, path }: Pick<ScimRequest, 'method' | 'path'>, { methods, resourceType }: Quota): boolean {
  if (methods !== undefined && !methods.includes(method)) return false;
  if (resourceType === undefined) return true;
  const collection = resourcePath(resourceType);
  return path === collection || path.startsWith(`${collection}/`);
}

/** The time when the oldest request that fills the quota leaves the window. */
function freeAt({ quota: { requests, seconds }, slots, oldest }: QuotaCounter): number {
  const before = slots.length < requests ? undefined : slots[oldest];
  return before === undefined ? Number.NEGATIVE_INFINITY : before.at + seconds * 1000 + maxDelayMs;
}

function recordRequest(counter: QuotaCounter, slot: { at: number }): void {
  const {
    quota: { requests },
    slots,
    oldest,
  } = counter;
  slots[oldest] = slot;
  counter.oldest = (oldest + 1) % requests;
}

function tooLongReason({ methods, resourceType, requests, seconds }: Quota, wait: number): string {
  const word = requests === 1 ? 'request' : 'requests';
  const about = resourceType === undefined ? word : `${word} about ${resourceType === 'User' ? 'users' : 'groups'}`;
  const which = methods === undefined ? about : `${about} (${methods.join(', ')})`;
  return (
    `it allows ${requests} ${which} in ${formatDuration(seconds * 1000)}, ` +
    `and the next one is possible in ${formatDuration(wait)}`
  );
}
