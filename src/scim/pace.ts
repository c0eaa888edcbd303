/** Added to the window, for what clocks and timers do not show. In milliseconds, as all that follows. */
const margin = 6;
/** How much later than it was sent a request may be taken to have arrived. With the margin this costs 2 % of the rate at most. */
const usualDelay = 14;
/** How much more, for a server that stalls now and then: what windows leave of `usualDelay` is saved up to this. */
const mostSaved = 100;
/** No more than this in any case. */
const longestDelay = 500;
/** Servers close connections that were not used for some seconds (5 is a common default); the next requests open new ones. */
const coldAfter = 4000;
/** Clocks and timers know whole milliseconds: a gap that is shorter is not waited for. */
const clockStep = 1;
/** How much of what was missed, because timers fire late, may be made up for at once. */
const catchUp = 100;

/** One request, as the pace counts it. */
export interface Slot {
  readonly sent: number;
  /** When it is taken to have arrived. */
  arrived: number;
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
export interface Pace {
  /** When a request that has waited since `askedAt` may go; not after `now` means at once. */
  next(now: number): number;
  take(now: number, askedAt: number): Slot;
  /** Its answer has come. */
  answered(slot: Slot, now: number): void;
}

export function openPace(rate: number): Pace {
  const inWindow = Math.max(1, Math.floor(rate));
  const window = (rate < 1 ? 1000 / rate : 1000) + margin;
  const spacing = window / inWindow;
  const slots: Slot[] = [];
  let oldest = 0;
  let due = Number.NEGATIVE_INFINITY;
  const allowance = openAllowance(inWindow);
  let latest = Number.NEGATIVE_INFINITY;
  let coldLeft = inWindow;
  let shift = 0;

  /** The caller's clock, made to run forwards only. */
  const forward = (now: number): number => {
    if (now + shift < latest) shift = latest - now;
    latest = now + shift;
    return latest;
  };

  return {
    next(now) {
      forward(now);
      const before = slots.length < inWindow ? undefined : slots[oldest];
      const free = before === undefined ? Number.NEGATIVE_INFINITY : before.arrived + window;
      return Math.max(due - clockStep, free) - shift;
    },

    take(now, askedAt) {
      const at = forward(now);
      if (at - (slots.at(oldest - 1)?.sent ?? at) > coldAfter) coldLeft = inWindow;
      const isCold = coldLeft > 0;
      if (isCold) coldLeft -= 1;
      // Made up for is only what somebody waited for: a pause gives no right to a burst.
      due = Math.max(due, Math.min(askedAt + shift, at), at - catchUp) + spacing;
      const slot: Slot = { sent: at, arrived: at + (isCold ? longestDelay : usualDelay), isCold };
      slots[oldest] = slot;
      oldest = (oldest + 1) % inWindow;
      return slot;
    },

    answered(slot, now) {
      const took = Math.min(forward(now) - slot.sent, longestDelay);
      slot.arrived = slot.sent + (slot.isCold ? took : allowance.of(took));
    },
  };
}

/**
 * How much of the time that an answer took is taken for delay on the way there. Delay that is granted to one request is lost to
 * all: what follows a window later is held up by as much. So it is granted once for all requests of a window.
 */
function openAllowance(inWindow: number): { of(took: number): number } {
  let saved = mostSaved;
  let quickest = Number.POSITIVE_INFINITY;
  let granted = 0;
  let longest = 0;
  let seen = 0;
  return {
    of(took) {
      quickest = Math.min(quickest, took);
      // What even the quickest answer needs is the server's own time; what is more may have been lost on the way.
      const possible = Math.max(took - quickest, Math.min(took, usualDelay));
      const wanted = Math.min(Math.max(0, possible - usualDelay - granted), saved);
      saved -= wanted;
      granted += wanted;
      const delay = Math.min(possible, usualDelay + granted);
      longest = Math.max(longest, delay);
      seen += 1;
      if (seen === inWindow) {
        saved = Math.min(mostSaved, saved + Math.max(0, usualDelay - longest));
        granted = longest = seen = 0;
      }
      return delay;
    },
  };
}
