import type { Instant } from '../../model/ids.ts';

/** Until when the state keeps what no duty rests on. */
export interface RetentionLimits {
  /** The journal keeps passes that ended since then: `history.keepDays`. */
  readonly journalFrom: Instant;
  /** The guards count what was done since then. */
  readonly guardFrom: Instant;
}

/** A step that continues where its last slice ended. @returns false: it is through, and begins again next time */
export type RetentionStep = (limits: RetentionLimits) => boolean;

/**
 * Removes what is no longer needed, in slices of some milliseconds, so that no lane waits. What a duty rests on stays:
 * open removals, what is in doubt, held or unverified, and what the guard counts.
 */
export interface Retention {
  /** Carries out one slice. @returns false: the rest is kept */
  tidy(limits: RetentionLimits): Promise<boolean>;
  /**
   * Gives all free space of the state back at once. Everything else waits for it, some seconds for each GB.
   *
   * @throws the error of the database where the disk has no room for the new file; the state is as it was
   */
  rewrite(): Promise<Rewritten>;
}

/** The size of the state before and after it was rewritten. */
export interface Rewritten {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}
