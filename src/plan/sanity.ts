import type { Attributes } from '../model/record.ts';

/** Limits for the difference between two readings of the source. */
export interface SanityLimits {
  /** Largest plausible loss of rows from one reading to the next, as a share. */
  readonly maxShrink: number;
  /** Largest plausible share of users who had an attribute in the last reading and lack it now. */
  readonly maxBlank: number;
  /** A loss of at most this number of rows is always plausible: 1 of 3 users is already 33 %. */
  readonly floor: number;
}

/** Row counts of the last and of the new reading, and attributes that lost their values. */
export interface ReadingComparison {
  readonly before: { readonly users: number; readonly groups: number; readonly memberships: number };
  readonly after: { readonly users: number; readonly groups: number; readonly memberships: number };
  readonly blanked: readonly { readonly attribute: string; readonly had: number; readonly lost: number }[];
}

/** One respect in which a read differs too much from the last one. */
export interface Implausibility {
  readonly code: 'source.shrunk' | 'source.blanked';
  /** The part that shrank (`users`, `groups`, `memberships`), or the attribute that was blanked. */
  readonly subject: string;
  readonly lost: number;
  readonly before: number;
  /** For the operator: the numbers and the limit. */
  readonly reason: string;
}

/**
 * The attributes that have a value in the last reading and no value in the new one.
 *
 * @param counted the attributes to compare; undefined: all
 */
export function blankedAttributes(
  before: Attributes,
  now: Attributes,
  counted: ReadonlySet<string> | undefined,
): readonly string[] {
  return Object.keys(before).filter(
    (attribute) => (counted === undefined || counted.has(attribute)) && !Object.hasOwn(now, attribute),
  );
}

/**
 * Why a reading is implausible; empty: it is plausible. A reading without users is not judged here: it is always held
 * (sync/empty-source.ts).
 */
export function implausibilities(
  { before, after, blanked }: ReadingComparison,
  limits: SanityLimits,
): readonly Implausibility[] {
  const result: Implausibility[] = [];
  for (const part of ['users', 'groups', 'memberships'] as const) {
    const lost = before[part] - after[part];
    const floor = part === 'users' ? limits.floor : Math.max(limits.floor, membershipFloor);
    if (lost > floor && lost > limits.maxShrink * before[part]) {
      result.push({
        code: 'source.shrunk',
        subject: part,
        lost,
        before: before[part],
        reason:
          `${after[part]} ${nouns[part]} instead of ${before[part]}: ${percent(lost, before[part])} fewer, ` +
          `the limit is ${percent(limits.maxShrink, 1)}`,
      });
    }
  }
  for (const { attribute, had, lost } of blanked) {
    if (lost > limits.floor && lost > limits.maxBlank * had) {
      result.push({
        code: 'source.blanked',
        subject: attribute,
        lost,
        before: had,
        reason:
          `"${attribute}" is now blank for ${lost} of the ${had} users who had a value: ${percent(lost, had)}, ` +
          `the limit is ${percent(limits.maxBlank, 1)}`,
      });
    }
  }
  return result;
}

/** One deleted group ends many memberships. Whether that is acceptable is decided by the guard, per target. */
const membershipFloor = 10;

const nouns = { users: 'users', groups: 'groups', memberships: 'memberships' } as const;

function percent(part: number, whole: number): string {
  return `${Math.round((1000 * part) / whole) / 10} %`;
}
