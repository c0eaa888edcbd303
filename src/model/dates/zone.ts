import { DateTime, IANAZone, FixedOffsetZone } from 'luxon';
import { instant, type Instant } from '../ids.ts';

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

/** A moment as a date and a time in a zone, for messages: "2026-12-31 00:00 Europe/Berlin". */
export function describeMoment(at: Instant, zone: string): string {
  const local = DateTime.fromMillis(at, { zone });
  const pattern = local.second === 0 && local.millisecond === 0 ? 'yyyy-MM-dd HH:mm' : 'yyyy-MM-dd HH:mm:ss';
  return `${local.toFormat(pattern)} ${zone}`;
}
