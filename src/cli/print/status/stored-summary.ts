import { zeroCounts, type Counts } from '../../../model/plan.ts';

/** What the report of a pass at a target states, as the journal keeps it. */
export interface StoredSummary {
  readonly counts: Counts;
  readonly succeeded: number;
  readonly failed: number;
  /** Operations that the guard holds. */
  readonly heldOperations: number;
  readonly skipped: number;
  readonly waiting: number;
  readonly problems: number;
  readonly requests: number;
  readonly retries: number;
  readonly firstLoad: number | undefined;
  /** Why something is held; undefined: nothing is. */
  readonly held: readonly string[] | undefined;
  /** The id of what is held, for `approve`. */
  readonly hold: string | undefined;
  readonly unavailable: string | undefined;
}

/** Reads a stored report; one of an older version may lack some of it. */
export function summaryOf(stored: unknown): StoredSummary {
  const { held, firstLoad, hold, unavailable, ...rest } = (stored ?? {}) as Partial<
    Omit<StoredSummary, 'held'> & { readonly held: { readonly reasons: readonly string[] } | null }
  >;
  return {
    ...{ counts: zeroCounts(), succeeded: 0, failed: 0, heldOperations: 0, skipped: 0 },
    ...{ waiting: 0, problems: 0, requests: 0, retries: 0 },
    ...rest,
    held: held?.reasons,
    ...{ firstLoad, hold, unavailable },
  };
}

/** Whether the pass reached the target, and left nothing undone there. A freeze is no such thing: it is intended. */
export const isInStep = (stored: unknown): boolean => {
  const { unavailable, held, failed, skipped, waiting, problems } = summaryOf(stored);
  return unavailable === undefined && held === undefined && failed + skipped + waiting + problems === 0;
};
