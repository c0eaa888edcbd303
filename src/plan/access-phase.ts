import type { BoundarySpan, MovedLimit } from '../model/dates/validity.ts';
import { addDays } from '../model/dates/zone.ts';
import type { Instant } from '../model/ids.ts';
import type { SourceRecord } from '../model/record.ts';
import type { JoinerPolicy, LeaverPolicy } from '../model/resource.ts';

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

/** How far a target moves the limits of access, in calendar days. */
export interface AccessTiming {
  readonly createDaysBefore: number;
  readonly activateDaysBefore: number;
  readonly deactivateDaysAfter: number;
  /** The zone in which days are counted, for users without one of their own. */
  readonly zone: string;
}

/** The policies of a target. */
export function accessTiming(
  { createDaysBefore, activateDaysBefore }: JoinerPolicy = { createDaysBefore: 0, activateDaysBefore: 0 },
  { deactivateDaysAfter = 0 }: Pick<LeaverPolicy, 'deactivateDaysAfter'>,
  { canWait = true, zone = 'UTC' }: { readonly canWait?: boolean; readonly zone?: string | undefined } = {},
): AccessTiming {
  return {
    // An account that is active already exists.
    createDaysBefore: canWait ? Math.max(createDaysBefore, activateDaysBefore) : activateDaysBefore,
    ...{ activateDaysBefore, deactivateDaysAfter, zone },
  };
}

/** The period of a user, and whether the user is active apart from dates. */
type Dated = Pick<SourceRecord, 'active' | 'validFrom' | 'validTo' | 'zone'>;

/** The moments at which a target applies the dates of a user; undefined: the user has no such date. */
function momentsOf({ validFrom, validTo, zone: own }: Dated, timing: AccessTiming) {
  const zone = own ?? timing.zone;
  const moved = (at: Instant | undefined, days: number): Instant | undefined =>
    at === undefined ? undefined : addDays(at, days, zone);
  return {
    create: moved(validFrom, -timing.createDaysBefore),
    activate: moved(validFrom, -timing.activateDaysBefore),
    end: moved(validTo, timing.deactivateDaysAfter),
  };
}

/**
 * The phase of a user.
 *
 *      validFrom − createDaysBefore   validFrom − activateDaysBefore   validTo + deactivateDaysAfter
 *     notYet          │            waiting            │           active           │     ended
 *
 * A user whose end is not after the start never has access: a new employee who did not come.
 */
export function accessPhase(user: Dated, timing: AccessTiming, now: Instant): AccessPhase {
  const { active, validFrom, validTo } = user;
  if (!active) return 'inactive';
  const { create, activate, end } = momentsOf(user, timing);
  if (validTo !== undefined && validTo <= (validFrom ?? -Infinity)) return 'ended';
  if (end !== undefined && end <= now) return 'ended';
  if (activate === undefined || activate <= now) return 'active';
  return create !== undefined && create <= now ? 'waiting' : 'notYet';
}

/** The next moment at which the phase changes; undefined: it does not change by time. */
export function nextPhaseChange(user: Dated, timing: AccessTiming, now: Instant): Instant | undefined {
  const phase = accessPhase(user, timing, now);
  return Object.values(momentsOf(user, timing))
    .filter((at) => at !== undefined)
    .filter((at) => at > now && accessPhase(user, timing, at) !== phase)
    .toSorted((one, other) => one - other)[0];
}

/** The dates of users that have an effect at a target. */
export function movedLimits(timing: AccessTiming): readonly MovedLimit[] {
  const { createDaysBefore, activateDaysBefore, deactivateDaysAfter, zone } = timing;
  return [
    ...[...new Set([createDaysBefore, activateDaysBefore])].map((days): MovedLimit => ({
      limit: 'validFrom',
      days: 0 - days,
      zone,
    })),
    { limit: 'validTo', days: deactivateDaysAfter, zone },
  ];
}

/**
 * The dates whose effect at a target falls after one planning and until the next one.
 * @param after the moment of the earlier planning; undefined: there is none
 */
export const boundarySpans = (
  timing: AccessTiming,
  after: Instant | undefined,
  until: Instant,
): readonly BoundarySpan[] => movedLimits(timing).map((limit) => ({ ...limit, after, until }));
