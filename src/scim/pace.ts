/** Added to the window, since requests do not all take the same time to get there. In milliseconds. */
const margin = 8;
/** How much later than it was sent a request is believed to have arrived, at most. With the margin this costs at most 2.6 % of the rate. */
const jitterCap = 18;
/** The same for requests that may have had to open a connection first. */
const coldCap = 500;
/** Servers close connections that were not used for some seconds (5 is a common default); the next requests are cold again. */
const coldAfter = 4000;
/** How much of what was missed, because timers fire late, may be made up for at once. */
const catchUp = 100;

/** One request, as the pace counts it. */
export interface Slot {
  readonly sent: number;
  /** When it has arrived at the latest, as far as we know. */
  arrived: number;
  readonly isCold: boolean;
}

/**
 * At most `rate` requests in any sliding second as the server sees them, evenly spaced, and at least 0.97 of that sustained.
 *
 *     |·  ·  ·  ·  ·|·  ·  ·        even spacing: an urgent request waits for one gap, not for the next second
 *     └──── W ────┘                request n goes W after request n−rate has arrived, at the earliest
 *
 * When the server saw a request is not known, only that it was before its answer. So a request counts from when it was sent
 * plus what its answer took longer than the quickest answer so far: that bounds how late it can have been.
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
  let quickest = Number.POSITIVE_INFINITY;
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
      return Math.max(due, free) - shift;
    },

    take(now, askedAt) {
      const at = forward(now);
      if (at - (slots.at(oldest - 1)?.sent ?? at) > coldAfter) coldLeft = inWindow;
      const isCold = coldLeft > 0;
      if (isCold) coldLeft -= 1;
      // Made up for is only what somebody waited for: a pause gives no right to a burst.
      due = Math.max(due, Math.min(askedAt + shift, at), at - catchUp) + spacing;
      const slot: Slot = { sent: at, arrived: at + (isCold ? coldCap : jitterCap), isCold };
      slots[oldest] = slot;
      oldest = (oldest + 1) % inWindow;
      return slot;
    },

    answered(slot, now) {
      const took = forward(now) - slot.sent;
      quickest = Math.min(quickest, took);
      slot.arrived = slot.sent + (slot.isCold ? Math.min(took, coldCap) : Math.min(took - quickest, jitterCap));
    },
  };
}
