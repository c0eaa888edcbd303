import type { Instant } from '../ids.ts';

/** The period in which a user has access; undefined: no limit. */
export interface Validity {
  readonly validFrom?: Instant | undefined;
  /** The first moment without access. */
  readonly validTo?: Instant | undefined;
  /** The user's own time zone; undefined: that of the source. */
  readonly zone?: string | undefined;
}

/** Whether a moment is in the period. */
export const isValidAt = ({ validFrom, validTo }: Validity, at: Instant): boolean =>
  (validFrom === undefined || validFrom <= at) && (validTo === undefined || at < validTo);

/** A limit of the period, moved by calendar days in the zone of the user. */
export interface MovedLimit {
  readonly limit: 'validFrom' | 'validTo';
  /** Negative: earlier. */
  readonly days: number;
  /** The zone of users without one of their own. */
  readonly zone: string;
}

/** The users whose moved limit falls in a span of time. */
export interface BoundarySpan extends MovedLimit {
  /** Exclusive; undefined: from the beginning. */
  readonly after: Instant | undefined;
  /** Inclusive. */
  readonly until: Instant;
}
