import { instant, type Instant } from '../../../model/ids.ts';
import type { Entry } from '../protocol/entry.ts';
import type { InactiveCondition } from '../settings.ts';

/** Whether an account is active, or why that is unknown. */
export type AccountStatus =
  /** `expiresAt`: when an active account becomes inactive by time alone, without a change in the directory. */
  { readonly active: boolean; readonly expiresAt: Instant | undefined } | { readonly error: string };

/**
 * An account is active unless one of the conditions holds. A value that a condition cannot interpret is an error:
 * whether a user is a leaver is never guessed.
 */
export function accountStatus(
  inactiveConditions: readonly NamedCondition[],
  attributes: Entry['attributes'],
  now: Instant,
): AccountStatus {
  let active = true;
  let expiresAt: Instant | undefined;
  for (const condition of inactiveConditions) {
    const values = valuesOf(condition, attributes);
    if (condition.required === true && values.length === 0)
      return { error: `${condition.attribute} is not readable. Grant the bind account read access to it` };
    for (const text of values) {
      const inactiveAt = inactiveFrom(condition, text);
      if (inactiveAt === undefined)
        return { error: `cannot interpret ${condition.attribute} = ${JSON.stringify(text.slice(0, 40))}` };
      if (inactiveAt <= now) active = false;
      else if (inactiveAt !== never) expiresAt = instant(Math.min(inactiveAt, expiresAt ?? Infinity));
    }
  }
  return { active, expiresAt: active ? expiresAt : undefined };
}

/** A condition and all names of its attribute, in lower case; by default its own. */
export type NamedCondition = InactiveCondition & { readonly names?: readonly string[] };

/**
 * The attributes that show whether an account is inactive, where they have a value that a condition can judge. A
 * temporary lock is no sign for a condition on a permanent one.
 */
export function visibleSigns(
  conditions: readonly NamedCondition[],
  attributes: Entry['attributes'],
): readonly string[] {
  const visible = conditions.filter((condition) =>
    valuesOf(condition, attributes).some((text) => !('is' in condition) || isComparable(text, condition.is)),
  );
  return [...new Set(visible.map(({ attribute }) => attribute))];
}

function valuesOf(
  { attribute, names = [attribute.toLowerCase()] }: NamedCondition,
  attributes: Entry['attributes'],
): readonly string[] {
  return names
    .flatMap((name) => attributes.get(name)?.values ?? [])
    .map((value) => value.toString('utf8').trim())
    .filter((text) => text !== '');
}

function isComparable(text: string, expected: string): boolean {
  const isBoolean = (word: string): boolean => ['true', 'false'].includes(word.toLowerCase());
  return text.toLowerCase() === expected.toLowerCase() || (isBoolean(text) && isBoolean(expected));
}

const never = Infinity;
const always = -Infinity;

/**
 * The time from which on the account is inactive, in ms since 1970; undefined where the value cannot be interpreted.
 */
function inactiveFrom(condition: InactiveCondition, text: string): number | undefined {
  if ('is' in condition) return text.toLowerCase() === condition.is.toLowerCase() ? always : never;
  if ('bit' in condition)
    return /^-?\d{1,15}$/.test(text) ? (hasBit(Number(text), condition.bit) ? always : never) : undefined;
  return timeParsers[condition.past](text);
}

const hasBit = (value: number, bit: number): boolean => (BigInt(value) & BigInt(bit)) !== 0n;

const timeParsers = { fileTime: parseFileTime, generalizedTime: parseGeneralizedTime, days: parseDays } as const;

/** From 1601 to 1970. */
const epochGapMs = 11_644_473_600_000n;
const neverFileTime = 0x7fff_ffff_ffff_ffffn;

function parseFileTime(text: string): number | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const ticks = BigInt(text);
  if (ticks <= 0n || ticks >= neverFileTime) return never;
  return Number(ticks / 10_000n - epochGapMs);
}

/**
 * RFC 4517 3.3.13: `20261123093000Z`. Minutes and seconds are optional, the last unit may have a fraction, and an
 * offset may replace the Z.
 */
function parseGeneralizedTime(text: string): number | undefined {
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
 * shadow-utils the account never expires, for pam_unix it expired in 1970.
 */
function parseDays(text: string): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  const days = Number(text);
  if (days === 0) return undefined;
  return days < 0 ? never : days * day;
}
