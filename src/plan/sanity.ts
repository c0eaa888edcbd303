import type { Attributes } from '../model/record.ts';

export interface SanityLimits {
  /** Largest believable loss of rows from one reading to the next, as a share. */
  readonly maxShrink: number;
  /** Largest believable share of people who had an attribute and suddenly have it blank. */
  readonly maxBlank: number;
  /** Up to so many, a loss is never unbelievable: 1 of 3 people is 33 %. */
  readonly floor: number;
}

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

/** The attributes with a value before and without one now. `counted`: the attributes that are looked at; undefined: all. */
export function blankedAttributes(
  before: Attributes,
  now: Attributes,
  counted: ReadonlySet<string> | undefined,
): readonly string[] {
  return Object.keys(before).filter(
    (attribute) => (counted === undefined || counted.has(attribute)) && !Object.hasOwn(now, attribute),
  );
}

/** Why a reading cannot be believed; empty where it can. A reading without any people is judged elsewhere: it is always held. */
export function implausibilities(
  { before, after, blanked }: ReadingComparison,
  limits: SanityLimits,
): readonly Implausibility[] {
  const found: Implausibility[] = [];
  for (const part of ['users', 'groups', 'memberships'] as const) {
    const lost = before[part] - after[part];
    const floor = part === 'users' ? limits.floor : Math.max(limits.floor, membershipFloor);
    if (lost > floor && lost > limits.maxShrink * before[part]) {
      found.push({
        code: 'source.shrunk',
        subject: part,
        lost,
        before: before[part],
        reason: `it holds ${after[part]} ${nouns[part]} where it held ${before[part]}: ${percent(lost, before[part])} fewer, the limit is ${percent(limits.maxShrink, 1)}`,
      });
    }
  }
  for (const { attribute, had, lost } of blanked) {
    if (lost > limits.floor && lost > limits.maxBlank * had) {
      found.push({
        code: 'source.blanked',
        subject: attribute,
        lost,
        before: had,
        reason: `"${attribute}" is suddenly blank for ${lost} of the ${had} people who had it: ${percent(lost, had)}, the limit is ${percent(limits.maxBlank, 1)}`,
      });
    }
  }
  return found;
}

/** One group that is dissolved takes many memberships with it; whom it concerns is the guard's to judge. */
const membershipFloor = 10;

const nouns = { users: 'people', groups: 'groups', memberships: 'memberships' } as const;

function percent(part: number, whole: number): string {
  return `${Math.round((1000 * part) / whole) / 10} %`;
}
