import type { BoundarySpan } from '../model/dates/validity.ts';
import { instant, type Instant } from '../model/ids.ts';
import type { SourceRecord } from '../model/record.ts';
import type { JoinerPolicy, LeaverPolicy } from '../model/resource.ts';
import { dayMs } from '../model/time.ts';

/** What the dates of a user mean at one moment at one target. */
export type AccessPhase =
  /** Inactive in the source, whatever its dates are. */
  | 'inactive'
  /** Before the start: no account is created. */
  | 'notYet'
  /** Before the start: the account exists and is inactive. */
  | 'waiting'
  | 'active'
  /** After the end. */
  | 'ended';

/** How far a target moves the limits of access. In ms. */
export interface AccessTiming {
  readonly createBefore: number;
  readonly activateBefore: number;
  readonly deactivateAfter: number;
}

/** The policies of a target as times. A day is 24 hours. */
export function accessTiming(
  { createDaysBefore, activateDaysBefore }: JoinerPolicy = { createDaysBefore: 0, activateDaysBefore: 0 },
  { deactivateDaysAfter = 0 }: Pick<LeaverPolicy, 'deactivateDaysAfter'>,
  { canWait = true }: { readonly canWait?: boolean } = {},
): AccessTiming {
  const activateBefore = activateDaysBefore * dayMs;
  return {
    // An account that is active already exists.
    createBefore: canWait ? Math.max(createDaysBefore * dayMs, activateBefore) : activateBefore,
    activateBefore,
    deactivateAfter: deactivateDaysAfter * dayMs,
  };
}

/**
 * The phase of a user.
 *
 *         validFrom − createBefore   validFrom − activateBefore          validTo + deactivateAfter
 *     notYet          │         waiting         │            active                  │      ended
 *
 * A user whose end is not after the start never has access: a new employee who did not come.
 */
export function accessPhase(
  { active, validFrom, validTo }: Pick<SourceRecord, 'active' | 'validFrom' | 'validTo'>,
  { createBefore, activateBefore, deactivateAfter }: AccessTiming,
  now: Instant,
): AccessPhase {
  if (!active) return 'inactive';
  if (validTo !== undefined && (validTo + deactivateAfter <= now || validTo <= (validFrom ?? -Infinity)))
    return 'ended';
  if (validFrom === undefined || validFrom - activateBefore <= now) return 'active';
  return validFrom - createBefore <= now ? 'waiting' : 'notYet';
}

/** The next moment at which the phase changes; undefined: it does not change by time. */
export function nextPhaseChange(
  record: Pick<SourceRecord, 'active' | 'validFrom' | 'validTo'>,
  timing: AccessTiming,
  now: Instant,
): Instant | undefined {
  const { validFrom, validTo } = record;
  const moments = [
    ...(validFrom === undefined ? [] : [validFrom - timing.createBefore, validFrom - timing.activateBefore]),
    ...(validTo === undefined ? [] : [validTo + timing.deactivateAfter]),
  ] as Instant[];
  const phase = accessPhase(record, timing, now);
  return moments
    .filter((moment) => moment > now && accessPhase(record, timing, moment) !== phase)
    .toSorted((one, other) => one - other)[0];
}

/**
 * The dates whose effect at a target falls after one planning and until the next one.
 * @param after the moment of the earlier planning; undefined: there is none
 */
export function boundarySpans(
  timing: AccessTiming,
  after: Instant | undefined,
  until: Instant,
): readonly BoundarySpan[] {
  const span = (limit: BoundarySpan['limit'], shift: number): BoundarySpan => ({
    limit,
    after: after === undefined ? undefined : instant(after + shift),
    until: instant(until + shift),
  });
  const { createBefore, activateBefore, deactivateAfter } = timing;
  return [
    ...[...new Set([createBefore, activateBefore])].map((shift) => span('validFrom', shift)),
    span('validTo', -deactivateAfter),
  ];
}
