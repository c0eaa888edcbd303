import { never, parseFileTime, parseGeneralizedTime, parseShadowDays } from '../../../model/dates/directory-times.ts';
import { instant, type Instant } from '../../../model/ids.ts';
import type { Entry } from '../protocol/entry.ts';
import type { InactiveCondition } from '../settings.ts';

/** Whether an account is active, or why that is unknown. */
export type AccountStatus =
  /** `validTo`: when the account expires or expired, by time alone. Its `active` does not depend on it. */
  { readonly active: boolean; readonly validTo: Instant | undefined } | { readonly error: string };

/**
 * An account is active unless one of the conditions holds. A value that a condition cannot interpret is an error:
 * whether a user is a leaver is never guessed.
 */
export function accountStatus(
  inactiveConditions: readonly NamedCondition[],
  attributes: Entry['attributes'],
): AccountStatus {
  let active = true;
  let validTo: Instant | undefined;
  for (const condition of inactiveConditions) {
    const values = valuesOf(condition, attributes);
    if (condition.required === true && values.length === 0)
      return { error: `${condition.attribute} is not readable. Grant the bind account read access to it` };
    for (const text of values) {
      const inactiveAt = inactiveFrom(condition, text);
      if (inactiveAt === undefined)
        return { error: `cannot interpret ${condition.attribute} = ${JSON.stringify(text.slice(0, 40))}` };
      if (inactiveAt === always) active = false;
      else if (inactiveAt !== never) validTo = instant(Math.min(inactiveAt, validTo ?? Infinity));
    }
  }
  return { active, validTo };
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

const timeParsers = { fileTime: parseFileTime, generalizedTime: parseGeneralizedTime, days: parseShadowDays } as const;
