import type { Instant } from '../model/ids.ts';
import type { IntervalCount, RequestCounts } from '../model/target/request-counts.ts';

/** Counts of requests that are written later. */
export interface BufferedRequestCounts extends RequestCounts {
  readonly isEmpty: boolean;
  /** Writes what was counted since. */
  flush(counts: RequestCounts): Promise<void>;
}

/**
 * Counts for commands that cannot write to the state while they send: a dry run, and `check` beside a running pass.
 *
 * @param since the counts of earlier processes
 */
export function bufferRequestCounts(since: RequestCounts['since']): BufferedRequestCounts {
  const additions: { readonly quota: string; readonly changes: readonly IntervalCount[]; readonly oldest: Instant }[] =
    [];
  return {
    since,
    get isEmpty() {
      return additions.length === 0;
    },
    async add(quota, changes, oldest) {
      additions.push({ quota, changes, oldest });
    },
    async flush(counts) {
      await Promise.all(additions.splice(0).map((one) => counts.add(one.quota, one.changes, one.oldest)));
    },
  };
}
