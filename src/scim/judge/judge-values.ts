import type { Edit } from '../../model/operation.ts';
import type { FlatResource, Json } from '../../model/resource.ts';

/** A path whose value at the target differs from the value that was sent. */
export interface Difference {
  readonly path: string;
  /** The current value for the report: `"Nurse"`, or `absent`. */
  readonly actual: string;
}

/** What a resource that the target shows proves about the edits that were sent. */
export interface ValuesVerdict {
  /** The target did not apply these edits. */
  readonly contradicted: readonly Difference[];
  /** The target applied these edits and stores the value in a form of its own: trimmed, in another case, shortened. */
  readonly normalised: readonly Difference[];
  /** The resource shows every edit as it was sent. */
  readonly isShown: boolean;
}

/** A security decision or an identifier: the target must hold exactly the value that was sent. */
const exactPaths: ReadonlySet<string> = new Set(['active', 'userName', 'externalId']);

/**
 * Compares the edits that were sent with the values that a target shows.
 *
 *     value shown                     verdict
 *     equivalent to the sent value    shown
 *     equivalent to the old value     contradicted
 *     a third value                   normalised; contradicted for `active`, userName and externalId
 *     absent                          `partial`: proves nothing; `complete`: contradicted
 *
 * @param edits with references as ids of the target
 * @param extent `partial`: a response may omit attributes; `complete`: a GET of the whole resource
 */
export function judgeValues(
  edits: readonly Edit[],
  shown: FlatResource,
  extent: 'partial' | 'complete',
): ValuesVerdict {
  const contradicted: Difference[] = [];
  const normalised: Difference[] = [];
  let isShown = true;
  for (const { path, from, to } of edits) {
    const actual = shown[path];
    if (isEquivalent(actual, to)) continue;
    if (actual === undefined && extent === 'partial') {
      isShown = false;
      continue;
    }
    const difference = { path, actual: actual === undefined ? 'absent' : JSON.stringify(actual) };
    const isThirdValue = actual !== undefined && to !== null && !isEquivalent(actual, from) && !exactPaths.has(path);
    if (isThirdValue) normalised.push(difference);
    else contradicted.push(difference);
  }
  return { contradicted, normalised, isShown: isShown && contradicted.length === 0 };
}

/** Whether two values are the same. Targets reformat values, so only letters and digits are compared. */
export function isEquivalent(actual: Json | undefined, expected: Json): boolean {
  if (expected === null || actual === undefined || actual === null) return (actual ?? null) === expected;
  if (Array.isArray(expected)) {
    const list: readonly Json[] = Array.isArray(actual) ? (actual as readonly Json[]) : [actual];
    return (expected as readonly Json[]).every((each) =>
      list.some((item) => isEquivalent(typeof each === 'object' ? item : plainElement(item), each)),
    );
  }
  if (typeof expected === 'object') {
    return (
      typeof actual === 'object' &&
      Object.entries(expected).every(([name, value]) =>
        isEquivalent((actual as Readonly<Record<string, Json>>)[name], value),
      )
    );
  }
  return typeof actual !== 'object' && alphanumeric(actual) === alphanumeric(expected);
}

/** A target that takes plain words may show them as objects (RFC 7643 section 2.4). */
const plainElement = (item: Json): Json | undefined =>
  typeof item === 'object' && item !== null && !Array.isArray(item)
    ? (item as Readonly<Record<string, Json>>)['value']
    : item;

const alphanumeric = (value: string | number | boolean): string =>
  String(value)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
