import type { MovedLimit } from '../model/dates/validity.ts';
import { instant, type Instant } from '../model/ids.ts';
import { movedLimits, type AccessTiming } from './access-phase.ts';

/** Looks up the earliest moved time after a moment; undefined: there is none. */
export interface StoredDates {
  validity(limit: MovedLimit, after: Instant): Instant | undefined;
  /** The time since which an account of the target is inactive, moved by calendar days in the zone of its user. */
  inactiveSince(target: string, moved: Omit<MovedLimit, 'limit'>, after: Instant): Instant | undefined;
  /** When the freeze of a user ends by time. */
  freezeEnd(after: Instant): Instant | undefined;
  /** When another row of a user with several rows may count. */
  rowChoice(after: Instant): Instant | undefined;
}

/** When dates have an effect at a target. */
export interface TargetTiming {
  readonly name: string;
  readonly timing: AccessTiming;
  /** Undefined: the target keeps inactive accounts. */
  readonly deleteAfterDays: number | undefined;
}

/**
 * The first moment after `after` at which the dates of a user have an effect at a target: access begins or ends, or an
 * inactive account is deleted; or at which the freeze of a user ends. Undefined: only a change of the source has an
 * effect.
 *
 *     validFrom − createDaysBefore, validFrom − activateDaysBefore, validTo + deactivateDaysAfter,
 *     inactiveSince + deleteAfterDays
 */
export function nextBoundary(
  targets: readonly TargetTiming[],
  dates: StoredDates,
  after: Instant,
): Instant | undefined {
  const moments = targets.flatMap(({ name, timing, deleteAfterDays: days }) => [
    ...movedLimits(timing).map((limit) => dates.validity(limit, after)),
    days === undefined ? undefined : dates.inactiveSince(name, { days, zone: timing.zone }, after),
  ]);
  const known = [...moments, dates.freezeEnd(after), dates.rowChoice(after)].filter((at) => at !== undefined);
  return known.length === 0 ? undefined : instant(Math.min(...known));
}
