/** Never, as the end of an account. */
export const never = Infinity;

/** From 1601 to 1970. */
const epochGapMs = 11_644_473_600_000n;
const neverFileTime = 0x7fff_ffff_ffff_ffffn;

/** FILETIME: 100 ns since 1601. 0 and 2^63 - 1 mean never. @returns ms since 1970; undefined if it is not one */
export function parseFileTime(text: string): number | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const ticks = BigInt(text);
  if (ticks <= 0n || ticks >= neverFileTime) return never;
  return Number(ticks / 10_000n - epochGapMs);
}

/**
 * RFC 4517 3.3.13: `20261123093000Z`. Minutes and seconds are optional, the last unit may have a fraction, and an
 * offset may replace the Z. @returns ms since 1970; undefined if it is not one
 */
export function parseGeneralizedTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?(?:[.,](\d+))?(?:Z|([+-])(\d{2})(\d{2})?)$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '0', sign, ...offsetParts] = match;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  const clock = [hour, minute, second].map((part) => Number(part ?? 0));
  const offset = offsetParts.map((part) => Number(part ?? 0));
  if (midnight === undefined || isOutOfRange(clock, [23, 59, lastSecond]) || isOutOfRange(offset, [23, 59]))
    return undefined;
  const lastUnit = second !== undefined ? 1_000 : minute !== undefined ? 60_000 : 3_600_000;
  return (
    midnight +
    milliseconds(clock) +
    Math.floor(Number(`0.${fraction}`) * lastUnit) -
    milliseconds(offset) * (sign === '-' ? -1 : 1)
  );
}

/** Leap second included. */
const lastSecond = 60;

const isOutOfRange = (parts: readonly number[], maxima: readonly number[]): boolean =>
  parts.some((part, index) => part > (maxima[index] ?? 0));

const milliseconds = ([hours = 0, minutes = 0, seconds = 0]: readonly number[]): number =>
  ((hours * 60 + minutes) * 60 + seconds) * 1_000;

/** @returns undefined for a date that does not exist */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Date.UTC would read the year 50 as 1950.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

const day = 86_400_000;

/**
 * shadow(5): the day on which the account expires; on that day it is no longer usable. The value 0 is ambiguous: for
 * shadow-utils the account never expires, for pam_unix it expired in 1970. @returns ms since 1970; undefined if it is
 * not one
 */
export function parseShadowDays(text: string): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  const days = Number(text);
  if (days === 0) return undefined;
  return days < 0 ? never : days * day;
}
