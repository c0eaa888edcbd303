import { instant, type Instant } from '../../model/ids.ts';
import type { DriftPosition, DriftSchedule } from '../../model/target/drift.ts';
import { dayMs, minuteMs } from '../../model/time.ts';

const hourMs = 60 * minuteMs;

/** Accounts of people who left in this time are read every day: their access must have ended. In ms. */
export const leaverPeriodMs = 90 * dayMs;

/** What a check may send at once, after a time without requests: this part of the requests of an hour. */
const burst = 1 / 6;

/** A check is continued after this time at most, in ms, and after this time at least. */
const maxPauseMs = minuteMs;
const minPauseMs = 2_000;
/** It waits until its budget allows this number of requests, within these times. */
const requestsPerSlice = 10;

/** What a check of the daemon may do now. */
export interface Slice {
  /** The most requests. 0: nothing is due, or the budget is spent. */
  readonly budget: number;
  /** Where it continues. */
  readonly from: DriftPosition;
  /** When the daemon asks again, if nothing is sent now. */
  readonly next: Instant;
}

/** The beginning of a check. @param before the earlier check, whose budget and leavers count on */
export const newPosition = (now: Instant, before: DriftPosition | undefined): DriftPosition => ({
  ...{ phase: 'listUsers', startedAt: now, endedAt: undefined, after: 0, isListPartial: false },
  leavers: before?.leavers,
  paidUntil: before?.paidUntil ?? instant(0),
  shownPaths: before?.shownPaths ?? [],
});

/** Whether the leavers are read again from the first one on. A clock that was ahead does not postpone it. */
export const areLeaversDue = ({ leavers }: Pick<DriftPosition, 'leavers'>, now: Instant): boolean =>
  leavers === undefined || now - leavers.startedAt >= dayMs || leavers.startedAt > now;

/**
 * What the check of a target may do now.
 *
 *     the check has not ended                       it continues
 *     it ended, and the next one is due             a new one begins
 *     it ended, and leavers are to be read          the leavers
 *     accounts were repaired                        these accounts
 *     otherwise                                     nothing
 *
 * A new check begins early enough to end within `everyDays` after the last one began. The budget is a bucket: it fills
 * by five sixths of the requests of an hour, and holds one sixth, so that no hour has more requests than configured.
 *
 * @param hasRepaired whether accounts that were repaired have not been read since
 */
export function planSlice(
  schedule: DriftSchedule,
  last: DriftPosition | undefined,
  hasRepaired: boolean,
  now: Instant,
): Slice {
  const position = last ?? newPosition(now, undefined);
  const checkDue = nextCheck(schedule, position, now);
  const from = checkDue <= now && position.phase === 'ended' ? newPosition(now, position) : position;
  const isLeaverDue = areLeaversDue(from, now) || from.leavers?.after !== undefined;
  if (from.phase === 'ended' && !isLeaverDue && !hasRepaired) {
    const leaversDue = (from.leavers?.startedAt ?? now) + dayMs;
    return { budget: 0, from, next: instant(Math.min(checkDue, leaversDue)) };
  }
  const msPerRequest = msPerRequestOf(schedule);
  const budget = Math.floor((now - paidUntil(schedule, from, now)) / msPerRequest);
  return { budget, from, next: instant(now + pauseMs(schedule)) };
}

/** The position after a slice, whose requests are paid. */
export const afterSlice = (
  schedule: DriftSchedule,
  position: DriftPosition,
  requests: number,
  now: Instant,
): DriftPosition => ({
  ...position,
  paidUntil: instant(paidUntil(schedule, position, now) + Math.ceil(requests * msPerRequestOf(schedule))),
});

/** The time between two slices, in ms. */
export const pauseMs = (schedule: DriftSchedule): number =>
  Math.min(maxPauseMs, Math.max(minPauseMs, requestsPerSlice * msPerRequestOf(schedule)));

const msPerRequestOf = ({ requestsPerHour }: DriftSchedule): number => hourMs / (requestsPerHour * (1 - burst));

/** The bucket holds no more than the burst. A clock that was ahead does not empty it. */
function paidUntil(schedule: DriftSchedule, { paidUntil: paid }: DriftPosition, now: Instant): number {
  const isAhead = paid > now + hourMs;
  const burstMs = Math.max(1, Math.floor(schedule.requestsPerHour * burst)) * msPerRequestOf(schedule);
  return Math.max(isAhead ? now : paid, now - burstMs);
}

function nextCheck({ everyDays }: DriftSchedule, { startedAt, endedAt }: DriftPosition, now: Instant): Instant {
  if (endedAt === undefined || startedAt > now) return now;
  return instant(Math.max(endedAt, startedAt + everyDays * dayMs - (endedAt - startedAt)));
}
