/** Zero where a request is accepted at this time; otherwise how many milliseconds it is too early. */
export type RateLimit = (now: number) => number;

/** Accepts at most `requestsPerSecond` in any second, wherever that second begins. Below one, a single request in 1/R seconds. */
export function limitPerSecond(requestsPerSecond: number): RateLimit {
  return limitPerWindow(
    Math.max(1, Math.floor(requestsPerSecond)),
    requestsPerSecond < 1 ? 1000 / requestsPerSecond : 1000,
  );
}

/** Accepts at most `capacity` requests in any `window` milliseconds. */
export function limitPerWindow(capacity: number, window: number): RateLimit {
  const accepted: number[] = [];
  let oldest = 0;
  return (now) => {
    if (accepted.length < capacity) {
      accepted.push(now);
      return 0;
    }
    const wait = (accepted[oldest] ?? 0) + window - now;
    if (wait > 0) return wait;
    accepted[oldest] = now;
    oldest = (oldest + 1) % capacity;
    return 0;
  };
}
