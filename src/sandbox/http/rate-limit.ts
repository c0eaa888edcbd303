/** @returns 0 if a request is accepted at this time; otherwise the milliseconds until one is accepted */
export type RateLimit = (now: number) => number;

/** Sliding window: accepts at most `requestsPerSecond` in any second. Below 1, one request in 1/R seconds. */
export function limitPerSecond(requestsPerSecond: number): RateLimit {
  return limitPerWindow(
    Math.max(1, Math.floor(requestsPerSecond)),
    requestsPerSecond < 1 ? 1000 / requestsPerSecond : 1000,
  );
}

/** Sliding window: accepts at most `capacity` requests in any `window` milliseconds. */
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
