import { offsetChange, zoneOffset } from '../model/dates/wall-time.ts';
import { instant, type Instant } from '../model/ids.ts';
import { dayMs } from '../model/time.ts';

/** A cron expression. Times of day are milliseconds since 1970 as clocks show them, as if they were UTC. */
export interface CronPattern {
  /** The hours, minutes and seconds at which it matches, in ascending order. */
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
  /** Whether the expression matches this time of day on this day. */
  matches(wallTime: number): boolean;
}

/** 29 February can be eight years away, and a day of the week may be required too. */
const maxDays = 40 * 366;

/**
 * The first tick after a moment. node-cron skips a tick in the hour that daylight saving time leaves out, and repeats
 * one in the hour that occurs twice. Here, as in RFC 5545, section 3.3.5:
 *
 *     expression for every hour (*)   each real moment whose time of day matches: it follows the clocks
 *     expression for some hours       each time of day once:
 *         in the hour left out        when that hour would have begun
 *         in the hour that repeats    at its first occurrence
 *
 * @param zone IANA name of the zone in which the expression is meant
 * @returns undefined: the expression never matches again
 */
export function nextTick(pattern: CronPattern, zone: string, after: Instant): Instant | undefined {
  const start = instant(Math.floor(after / 1000) * 1000 + 1000);
  return pattern.hours.length === 24 ? everyHour(pattern, zone, start) : onceADay(pattern, zone, start);
}

function everyHour(pattern: CronPattern, zone: string, start: Instant): Instant | undefined {
  for (let from: Instant | undefined = start; from !== undefined;) {
    const offset = zoneOffset(from, zone);
    const wallTime = nextWallTime(pattern, from + offset);
    if (wallTime === undefined) return undefined;
    const at = instant(wallTime - offset);
    const change: Instant | undefined = offsetChange(from, at, zone);
    if (change === undefined) return at;
    from = change;
  }
  return undefined;
}

function onceADay(pattern: CronPattern, zone: string, start: Instant): Instant | undefined {
  let wallTime = nextWallTime(pattern, start + zoneOffset(start, zone));
  // In the second occurrence of an hour, its times of day have passed.
  while (wallTime !== undefined && momentOf(wallTime, zone) < start) wallTime = nextWallTime(pattern, wallTime + 1000);
  return wallTime === undefined ? undefined : momentOf(wallTime, zone);
}

/** The first moment at which clocks show this time of day, or at which they skip it. */
function momentOf(wallTime: number, zone: string): Instant {
  const before = instant(wallTime - dayMs);
  const first = instant(wallTime - zoneOffset(before, zone));
  if (first + zoneOffset(first, zone) === wallTime) return first;
  const last = instant(wallTime - zoneOffset(instant(wallTime + dayMs), zone));
  if (last + zoneOffset(last, zone) === wallTime) return last;
  return offsetChange(before, instant(wallTime + dayMs), zone) ?? first;
}

/** The first time of day at or after another one that matches. */
function nextWallTime(pattern: CronPattern, from: number): number | undefined {
  const firstDay = Math.floor(from / dayMs) * dayMs;
  for (let day = 0; day < maxDays; day += 1) {
    const midnight = firstDay + day * dayMs;
    const time = timeOfDay(pattern, day === 0 ? from - midnight : 0);
    if (time !== undefined && pattern.matches(midnight + time)) return midnight + time;
  }
  return undefined;
}

/** The first matching time of a day, in ms since midnight, at or after another one. */
function timeOfDay({ hours, minutes, seconds }: CronPattern, from: number): number | undefined {
  for (const hour of hours) {
    if ((hour + 1) * 3_600_000 <= from) continue;
    for (const minute of minutes) {
      if (hour * 3_600_000 + (minute + 1) * 60_000 <= from) continue;
      for (const second of seconds) {
        const time = hour * 3_600_000 + minute * 60_000 + second * 1000;
        if (time >= from) return time;
      }
    }
  }
  return undefined;
}
