import { DateTime, IANAZone, FixedOffsetZone } from 'luxon';
import { instant, type Instant } from '../ids.ts';
import { dayMs } from '../time.ts';

/** A day of the calendar, in no zone yet. */
export interface CalendarDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Whether a text names a time zone: "Europe/Berlin", "UTC", "UTC+2". */
export function isZone(name: string): boolean {
  return IANAZone.isValidZone(name) || FixedOffsetZone.parseSpecifier(name) !== null;
}

/**
 * The first moment of a day in a zone; undefined for a day that does not exist. Where clocks go forward at midnight,
 * the day begins later. Where they go back over midnight, it begins at the first of the two midnights.
 */
export function startOfDay({ year, month, day }: CalendarDay, zone: string): Instant | undefined {
  const midnight = DateTime.fromObject({ year, month, day }, { zone });
  if (!midnight.isValid) return undefined;
  return instant(firstMomentOf(midnight).toMillis());
}

/** The first moment of the day after a day; undefined for a day that does not exist. */
export function endOfDay({ year, month, day }: CalendarDay, zone: string): Instant | undefined {
  const next = DateTime.fromObject({ year, month, day }, { zone: 'UTC' }).plus({ days: 1 });
  return next.isValid ? startOfDay(next, zone) : undefined;
}

/** At a clock change, a library may choose the second of two equal local times. */
function firstMomentOf(midnight: DateTime<true>): DateTime<true> {
  const earlier = midnight.minus({ hours: 1 });
  return earlier.hasSame(midnight, 'day') ? earlier : midnight;
}

/** Moments that are remembered: a company has few start and end dates, and few zones. */
const maxRemembered = 20_000;
const remembered = new Map<string, Instant>();

/**
 * The moment a number of calendar days later, or earlier if it is negative, in a zone. A day is not 24 hours: clocks
 * change.
 *
 *     start of a day     start of the other day, which is not midnight where clocks go forward at midnight
 *     another moment     the same local time; one that clocks skip is moved past the gap
 *     part of a day      as a part of 24 hours
 */
export function addDays(at: Instant, days: number, zone: string): Instant {
  if (days === 0) return at;
  const id = `${at} ${days} ${zone}`;
  let moved = remembered.get(id);
  if (moved === undefined) {
    const whole = Math.trunc(days);
    moved = instant(moveByDays(at, whole, zone) + (days - whole) * dayMs);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(id, moved);
  }
  return moved;
}

function moveByDays(at: Instant, days: number, zone: string): Instant {
  const local = DateTime.fromMillis(at, { zone });
  if (startOfDay(local, zone) !== at) return instant(local.plus({ days }).toMillis());
  const day = DateTime.utc(local.year, local.month, local.day).plus({ days });
  return startOfDay(day, zone) ?? instant(local.plus({ days }).toMillis());
}

/** A moment as a date and a time in a zone, for messages: "2026-12-31 00:00 Europe/Berlin". */
export function describeMoment(at: Instant, zone: string): string {
  const local = DateTime.fromMillis(at, { zone });
  const pattern = local.second === 0 && local.millisecond === 0 ? 'yyyy-MM-dd HH:mm' : 'yyyy-MM-dd HH:mm:ss';
  return `${local.toFormat(pattern)} ${zone}`;
}
