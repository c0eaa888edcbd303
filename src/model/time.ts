import { instant, type Instant } from './ids.ts';

/** A minute in milliseconds. */
export const minuteMs = 60_000;
/** An hour in milliseconds. */
export const hourMs = 60 * minuteMs;
/** A day in milliseconds. */
export const dayMs = 24 * 60 * minuteMs;

/** RFC 3339 in UTC, to the millisecond. */
export function formatTime(at: Instant): string {
  return new Date(at).toISOString();
}

/** @returns undefined if JavaScript cannot parse the text as a date */
export function parseTime(text: string): Instant | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : instant(at);
}

/** A duration as text: "40 s", "6 min 20 s", "3 h 5 min". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
