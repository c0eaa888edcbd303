import type { BoundarySpan } from '../model/dates/validity.ts';
import { instant, type Instant } from '../model/ids.ts';
import { dayMs } from '../model/time.ts';
import type { AccessTiming } from './access-phase.ts';

/** Looks up the earliest stored time after a moment; undefined: there is none. */
export interface StoredDates {
  validity(limit: BoundarySpan['limit'], after: Instant): Instant | undefined;
  /** The time since which an account of the target is inactive. */
  inactiveSince(target: string, after: Instant): Instant | undefined;
  /** When the freeze of a user ends by time. */
  freezeEnd(after: Instant): Instant | undefined;
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
 *     validFrom − createBefore, validFrom − activateBefore, validTo + deactivateAfter, inactiveSince + deleteAfter
 */
export function nextBoundary(
  targets: readonly TargetTiming[],
  dates: StoredDates,
  after: Instant,
): Instant | undefined {
  /** @param shift from the stored time to its effect, in ms */
  const shifted = (shift: number, earliest: (after: Instant) => Instant | undefined): readonly number[] => {
    const stored = earliest(instant(after - shift));
    return stored === undefined ? [] : [stored + shift];
  };
  const moments = targets.flatMap(({ name, timing, deleteAfterDays }) => [
    ...shifted(-timing.createBefore, (from) => dates.validity('validFrom', from)),
    ...shifted(-timing.activateBefore, (from) => dates.validity('validFrom', from)),
    ...shifted(timing.deactivateAfter, (from) => dates.validity('validTo', from)),
    ...(deleteAfterDays === undefined
      ? []
      : shifted(deleteAfterDays * dayMs, (from) => dates.inactiveSince(name, from))),
  ]);
  moments.push(...shifted(0, (from) => dates.freezeEnd(from)));
  return moments.length === 0 ? undefined : instant(Math.min(...moments));
}
