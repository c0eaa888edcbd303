/** Added to the window for the inaccuracy of clocks and timers. In milliseconds, like all constants below. */
const marginMs = 6;
/** Assumed delay from sending a request to its arrival. With the margin it costs at most 2 % of the rate. */
const usualDelayMs = 14;
/**
 * Maximum extra delay, for a server that stalls now and then. It is saved up from the part of `usualDelayMs` that
 * windows do not use.
 */
const maxSavedMs = 100;
/** Upper bound of the assumed delay. */
const maxDelayMs = 500;
/** Servers close idle connections after some seconds (5 is a common default); the next requests open new ones. */
const idleConnectionMs = 4000;
/** Clocks and timers count whole milliseconds: a shorter gap is not waited for. */
const clockStepMs = 1;
/** Maximum time lost to late timers that later requests may catch up at once. */
const maxCatchUpMs = 100;

/** One request, as the rate limiter counts it. */
export interface Slot {
  readonly sentAt: number;
  /** The assumed time of its arrival at the server. */
  arrivedAt: number;
  /** The request may have opened a new connection first. */
  readonly isCold: boolean;
}

/**
 * At most `rate` requests in any sliding second as the server sees them, evenly spaced, and at least 0.97 of that
 * sustained.
 *
 *     |·  ·  ·  ·  ·|·  ·  ·        even spacing: an urgent request waits for one gap, not for the next second
 *     └──── W ────┘                request n goes W after request n−rate has arrived, at the earliest
 *
 * The arrival at the server is unknown; it is only known to be before the response. So a request counts from the time
 * of its response. For a slow server that would cost too much of the rate, so it counts from an earlier time.
 *
 * Times are milliseconds of any clock; setting the clock back does not stall the limiter. A rate below 1 means one
 * request in 1/rate seconds. A rate above 1 is rounded down, since 1.5 would allow two requests in some second.
 */
export interface RateLimiter {
  /** The time when the next request may be sent; at or before `now` means at once. */
  nextSlotAt(now: number): number;
  /** Counts a request that is sent now and has waited since `askedAt`. */
  reserve(now: number, askedAt: number): Slot;
  /** The response to the request has arrived. */
  answered(slot: Slot, now: number): void;
}

/** Creates a limiter; `rate` is in requests per second. */
export function createSlidingWindowLimiter(rate: number): RateLimiter {
  const requestsPerWindow = Math.max(1, Math.floor(rate));
  const windowMs = (rate < 1 ? 1000 / rate : 1000) + marginMs;
  const spacingMs = windowMs / requestsPerWindow;
  const slots: Slot[] = [];
  let oldest = 0;
  let nextDueAt = Number.NEGATIVE_INFINITY;
  const allowance = createLatencyAllowance(requestsPerWindow);
  let latest = Number.NEGATIVE_INFINITY;
  let coldRemaining = requestsPerWindow;
  let shift = 0;

  /** The caller's clock, without steps backwards. */
  const monotonic = (now: number): number => {
    if (now + shift < latest) shift = latest - now;
    latest = now + shift;
    return latest;
  };

  return {
    nextSlotAt(now) {
      monotonic(now);
      const previous = slots.length < requestsPerWindow ? undefined : slots[oldest];
      const freeAt = previous === undefined ? Number.NEGATIVE_INFINITY : previous.arrivedAt + windowMs;
      return Math.max(nextDueAt - clockStepMs, freeAt) - shift;
    },

    reserve(now, askedAt) {
      const at = monotonic(now);
      if (at - (slots.at(oldest - 1)?.sentAt ?? at) > idleConnectionMs) coldRemaining = requestsPerWindow;
      const isCold = coldRemaining > 0;
      if (isCold) coldRemaining -= 1;
      // Only time during which a request waited is caught up: an idle period does not permit a burst.
      nextDueAt = Math.max(nextDueAt, Math.min(askedAt + shift, at), at - maxCatchUpMs) + spacingMs;
      const slot: Slot = { sentAt: at, arrivedAt: at + (isCold ? maxDelayMs : usualDelayMs), isCold };
      slots[oldest] = slot;
      oldest = (oldest + 1) % requestsPerWindow;
      return slot;
    },

    answered(slot, now) {
      const durationMs = Math.min(monotonic(now) - slot.sentAt, maxDelayMs);
      slot.arrivedAt = slot.sentAt + (slot.isCold ? durationMs : allowance.of(durationMs));
    },
  };
}

/**
 * Estimates how much of a response time was delay before the arrival. Delay granted to one request also delays the
 * request one window later. So it is granted once for all requests of a window.
 */
function createLatencyAllowance(requestsPerWindow: number): { of(durationMs: number): number } {
  let savedMs = maxSavedMs;
  let shortestMs = Number.POSITIVE_INFINITY;
  let grantedMs = 0;
  let longestDelayMs = 0;
  let requestsSeen = 0;
  return {
    of(took) {
      shortestMs = Math.min(shortestMs, took);
      // The time of the fastest response is processing time of the server; any time beyond it may be delay before the
      // arrival.
      const possibleDelayMs = Math.max(took - shortestMs, Math.min(took, usualDelayMs));
      const extraMs = Math.min(Math.max(0, possibleDelayMs - usualDelayMs - grantedMs), savedMs);
      savedMs -= extraMs;
      grantedMs += extraMs;
      const delayMs = Math.min(possibleDelayMs, usualDelayMs + grantedMs);
      longestDelayMs = Math.max(longestDelayMs, delayMs);
      requestsSeen += 1;
      if (requestsSeen === requestsPerWindow) {
        savedMs = Math.min(maxSavedMs, savedMs + Math.max(0, usualDelayMs - longestDelayMs));
        grantedMs = longestDelayMs = requestsSeen = 0;
      }
      return delayMs;
    },
  };
}
