import type { Instant } from '../../model/ids.ts';
import { clockDoubt, isSetRight, recentPasses, type ClockDoubt } from '../../plan/guard/clock-jump.ts';
import type { PlanningJournal, TargetState } from '../../store/store.ts';

/** By which moment a planning judges dates. */
export interface PlanningTime {
  readonly now: Instant;
  /** Undefined: the clock is not in doubt. */
  readonly doubt: ClockDoubt | undefined;
  /** The clock was ahead in the last planning, and it was set right. */
  readonly isSetRight: boolean;
}

/** The pass and the target of a planning, and the clock. */
export interface PlanningMoment {
  readonly pass: number;
  readonly target: string;
  /** Rounds after round 0 are follow-ups; news counts as round 0. */
  readonly round: number;
  readonly clock: Instant;
  /** The moment that `plan --at` chose, which needs no clock. */
  readonly at: Instant | undefined;
}

/** Passes that began while the clock was ahead; further back it is not searched. */
const maxPassesAhead = 10_000;

/**
 * The moment by which dates are judged. It does not go back where the clock does: a user whose access ended would get
 * it again. The exception is a clock that was ahead and was set right. Later rounds keep the moment of round 0, which
 * selected the users whose dates have passed.
 */
export async function planningTime(
  journal: Pick<PlanningJournal, 'passesBefore' | 'longestPause'>,
  { plannedAt }: Pick<TargetState, 'plannedAt'>,
  { pass, target, round, clock, at }: PlanningMoment,
): Promise<PlanningTime> {
  const isBehind = (moment: Instant): boolean => plannedAt !== undefined && plannedAt > moment;
  const latest = (moment: Instant): Instant => (plannedAt !== undefined && isBehind(moment) ? plannedAt : moment);
  if (at !== undefined) return { now: latest(at), doubt: undefined, isSetRight: false };
  const passes = await journal.passesBefore(pass, target, isBehind(clock) ? maxPassesAhead : recentPasses);
  const setRight = round === 0 && isBehind(clock) && isSetRight(passes, clock);
  const now = setRight ? clock : round > 0 ? (plannedAt ?? clock) : latest(clock);
  // A pass for some users or groups judges no dates of others, so the clock stays in doubt after it.
  const counted = setRight ? passes : passes.filter((began) => began <= (plannedAt ?? began));
  const history = counted.length === 0 && plannedAt !== undefined ? [plannedAt] : counted;
  const [last] = history.filter((began) => began <= now);
  const pause = last === undefined ? undefined : await journal.longestPause(pass, last, now);
  return { now, doubt: clockDoubt({ passes: history, pause }, { clock, judged: now }), isSetRight: setRight };
}
