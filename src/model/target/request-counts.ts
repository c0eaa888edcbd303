import type { Instant } from '../ids.ts';

/** Requests of one interval of time. */
export interface IntervalCount {
  readonly start: Instant;
  readonly requests: number;
}

/**
 * The requests that a target received, as its quotas count them. They outlast the process.
 *
 * The journal cannot replace these counts: it has one row per operation, without the look-ups, listings, retries and
 * reads of verification, and without the method of each request.
 */
export interface RequestCounts {
  /** The intervals of a quota that start at this time or later, in order of time. */
  since(quota: string, from: Instant): readonly IntervalCount[];
  /**
   * Adds to the counts of a quota, and forgets intervals that start before `oldest`. Resolves when the counts survive
   * the death of the process.
   */
  add(quota: string, changes: readonly IntervalCount[], oldest: Instant): Promise<void>;
}
