import type { Instant } from '../ids.ts';

/** The period in which a user has access; undefined: no limit. */
export interface Validity {
  readonly validFrom?: Instant | undefined;
  /** The first moment without access. */
  readonly validTo?: Instant | undefined;
}

/** Whether a moment is in the period. */
export const isValidAt = ({ validFrom, validTo }: Validity, at: Instant): boolean =>
  (validFrom === undefined || validFrom <= at) && (validTo === undefined || at < validTo);

/** The users whose period begins or ends in a span of time. */
export interface BoundarySpan {
  readonly limit: 'validFrom' | 'validTo';
  /** Exclusive; undefined: from the beginning. */
  readonly after: Instant | undefined;
  /** Inclusive. */
  readonly until: Instant;
}
