import type { Judgement } from '../../model/reading/judgement.ts';
import type { Limit } from '../../model/plan.ts';
import type { Attributes } from '../../model/record.ts';

/** Limits for the numbers of rows and values in two readings of the source. */
export interface AmountLimits {
  /** Largest plausible loss of rows from one reading to the next, as a share. */
  readonly maxShrink: number;
  /** Largest plausible share of users who had an attribute in the last reading and lack it now. */
  readonly maxBlank: number;
  /** A loss of at most this number of rows is always plausible: 1 of 3 users is already 33 %. */
  readonly floor: number;
}

/** Limits for the difference between two readings of the source. */
export interface SanityLimits extends AmountLimits {
  /** How many references may point to no record. */
  readonly maxDangling: Limit;
}

/** An attribute or a sign that lost values: `had` records had one, `lost` of them are in the reading without one. */
export interface BlankedAttribute {
  readonly part: 'users' | 'groups';
  readonly attribute: string;
  readonly had: number;
  readonly lost: number;
}

/** Row counts of the last and of the new reading, and attributes that lost their values. */
export interface AmountComparison {
  readonly before: { readonly users: number; readonly groups: number; readonly memberships: number };
  readonly after: { readonly users: number; readonly groups: number; readonly memberships: number };
  readonly blanked: readonly BlankedAttribute[];
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
 * The parts that shrank and the attributes that were blanked by more than the limits. A reading without users is not
 * judged here: it is always held (sync/empty-source.ts).
 */
export function judgeAmounts({ before, after, blanked }: AmountComparison, limits: AmountLimits): readonly Judgement[] {
  const result: Judgement[] = [];
  for (const part of ['users', 'groups', 'memberships'] as const) {
    const lost = before[part] - after[part];
    const floor = part === 'users' ? limits.floor : Math.max(limits.floor, membershipFloor);
    if (lost > floor && lost > limits.maxShrink * before[part]) {
      result.push({
        code: 'source.shrunk',
        subject: part,
        numbers: { lost, before: before[part] },
        reason:
          `${after[part]} ${nouns[part]} instead of ${before[part]}: ${percent(lost, before[part])} fewer, ` +
          `the limit is ${percent(limits.maxShrink, 1)}`,
        refused: true,
      });
    }
  }
  for (const { part, attribute, had, lost } of blanked) {
    if (lost > limits.floor && lost > limits.maxBlank * had) {
      result.push({
        code: 'source.blanked',
        subject: attribute,
        numbers: { lost, before: had },
        reason:
          `"${attribute}" is now blank for ${lost} of the ${had} ${part} that had a value: ${percent(lost, had)}, ` +
          `the limit is ${percent(limits.maxBlank, 1)}`,
        refused: true,
      });
    }
  }
  return result;
}

/** One deleted group ends many memberships. Whether that is acceptable is decided by the guard, per target. */
const membershipFloor = 10;

const nouns = { users: 'users', groups: 'groups', memberships: 'memberships' } as const;

/** A share for messages: "33.3 %". */
export function percent(part: number, whole: number): string {
  return `${Math.round((1000 * part) / whole) / 10} %`;
}
