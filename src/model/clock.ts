import type { Instant } from './ids.ts';

/** Time, handed in so that a test can set it. */
export interface Clock {
  now(): Instant;
  /** Resolves after `milliseconds`, or rejects with the signal's reason when it is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A number in [0, 1). Used for jitter only, so it need not be unpredictable. */
export type Random = () => number;
