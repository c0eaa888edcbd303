/** Added to the window, for what clocks and timers do not show. In milliseconds, as all that follows. */
const marginMs = 6;
/** How much later than it was sent a request may be taken to have arrived. With the margin this costs 2 % of the rate at most. */
const usualDelayMs = 14;
/** How much more, for a server that stalls now and then: what windows leave of `usualDelay` is saved up to this. */
const maxSavedMs = 100;
/** No more than this in any case. */
const maxDelayMs = 500;
/** Servers close connections that were not used for some seconds (5 is a common default); the next requests open new ones. */
const idleConnectionMs = 4000;
/** Clocks and timers know whole milliseconds: a gap that is shorter is not waited for. */
const clockStepMs = 1;
/** How much of what was missed, because timers fire late, may be made up for at once. */
const maxCatchUpMs = 100;

/** One request, as the pace counts it. */
export interface Slot {
  readonly sentAt: number;
  /** When it is taken to have arrived. */
  arrivedAt: number;
  /** It may have had to open a connection first. */
  readonly isCold: boolean;
}

/**
 * At most `rate` requests in any sliding second as the server sees them, evenly spaced, and at least 0.97 of that sustained.
 *
 *     |·  ·  ·  ·  ·|·  ·  ·        even spacing: an urgent request waits for one gap, not for the next second
 *     └──── W ────┘                request n goes W after request n−rate has arrived, at the earliest
 *
 * When the server saw a request is not known, only that it was before its answer. So a request counts from when its answer
 * came; of a slow server's answers, where that would cost too much of the rate, from some time before.
 *
 * Times are milliseconds of any clock; one that is set back does not stall it. A rate below 1 means one request in 1/rate seconds,
 * and a fraction above 1 is left out, since half a request more would be one too many in some second.
 */
export interface RateLimiter {
  /** When a request that has waited since `askedAt` may go; not after `now` means at once. */
  nextSlotAt(now: number): number;
  reserve(now: number, askedAt: number): Slot;
  /** Its answer has come. */
  answered(slot: Slot, now: number): void;
}

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

  /** The caller's clock, made to run forwards only. */
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
      // Made up for is only what somebody waited for: a pause gives no right to a burst.
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
 * How much of the time that an answer took is taken for delay on the way there. Delay that is granted to one request is lost to
 * all: what follows a window later is held up by as much. So it is granted once for all requests of a window.
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
      // What even the quickest answer needs is the server's own time; what is more may have been lost on the way.
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
