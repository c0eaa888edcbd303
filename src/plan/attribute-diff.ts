import type { Edit } from '../model/operation.ts';
import { pathOf } from '../model/path.ts';
import type { FlatResource, Json } from '../model/resource.ts';

/** Paths at which a target keeps less of a value than its every sign: neither case nor, for others, blanks and punctuation. */
export interface Normalisation {
  readonly caseInsensitive: readonly string[];
  readonly ignoresPunctuation: readonly string[];
}

/** What remains of a text that a target keeps. */
type Normaliser = (text: string) => string;

/**
 * The smallest set of edits from one body to another. Only managed paths are looked at: what a mapping does not name is not ours.
 *
 * `inDoubt`: paths that are sent again in any case.
 * What the target would not keep is no difference (`normalisation`).
 */
export function diffAttributes(
  known: FlatResource,
  desired: FlatResource,
  paths: readonly string[],
  normalisation: Normalisation,
  inDoubt: readonly string[] = [],
): readonly Edit[] {
  const result: Edit[] = [];
  for (const path of paths) {
    const from = known[path] ?? null;
    const to = desired[path] ?? null;
    if (inDoubt.includes(path) || !(from === to || isEquivalent(path, from, to, normalisation)))
      result.push({ path, from, to });
  }
  return result;
}

/** Whether two values are one to a target that folds them so. Asked only of what differs: most does not. */
const isEquivalent = (path: string, from: Json, to: Json, normalisation: Normalisation): boolean =>
  isSame(from, to, normaliserFor(path, normalisation)) ||
  (isFalse(from) && isFalse(to) && pathOf(path).subAttribute === 'primary');

/** An element that is not said to be the primary one is none (RFC 7643 section 2.4). */
const isFalse = (value: Json): boolean =>
  value === null || value === false || (typeof value === 'string' && value.toLowerCase() === 'false');

/** Whether an edit changes what people sign in or are reached with, where there was something before. */
export function isRename({ path, from, to }: Edit): boolean {
  if (from === null || to === null || from === to) return false;
  const { schema, attribute, subAttribute } = pathOf(path);
  return (
    schema === undefined &&
    (attribute === 'userName' || (attribute === 'emails' && (subAttribute ?? 'value') === 'value'))
  );
}

function normaliserFor(path: string, { caseInsensitive, ignoresPunctuation }: Normalisation): Normaliser {
  const lower: Normaliser = coversPath(caseInsensitive, path) ? (text) => text.toLowerCase() : (text) => text;
  return coversPath(ignoresPunctuation, path) ? (text) => lower(text).replace(/[^\p{L}\p{N}]/gu, '') : lower;
}

/** Whether a list of paths means this one, by itself or with all of its attribute; their letters' case is none (RFC 7643 section 2.1). */
export const coversPath = (paths: readonly string[], path: string): boolean =>
  paths.some(
    (candidate) =>
      candidate.toLowerCase() === path.toLowerCase() || isWholeAttributeOf(candidate.toLowerCase(), path.toLowerCase()),
  );

/** `phoneNumbers` means every `phoneNumbers[…]`. */
function isWholeAttributeOf(outer: string, inner: string): boolean {
  const { schema, attribute, filter, subAttribute } = pathOf(outer);
  const path = pathOf(inner);
  return filter === undefined && subAttribute === undefined && schema === path.schema && attribute === path.attribute;
}

function isSame(from: Json, to: Json, normalise: Normaliser): boolean {
  if (from === to) return true;
  if (typeof from === 'string' && typeof to === 'string') return normalise(from) === normalise(to);
  if (Array.isArray(from) && Array.isArray(to))
    return isSameList(from as readonly Json[], to as readonly Json[], normalise);
  if (isObject(from) && isObject(to)) return contains(from, to, normalise) && contains(to, from, normalise);
  // Some servers give numbers and booleans as text.
  return typeof from !== 'object' && typeof to !== 'object' && String(from).toLowerCase() === String(to).toLowerCase();
}

/** Multi-valued attributes have no order (RFC 7643 section 2.4). What a target adds to an element (`type`, `display`) is no difference. */
function isSameList(from: readonly Json[], to: readonly Json[], normalise: Normaliser): boolean {
  if (from.length !== to.length) return false;
  const unmatched = [...from];
  const removeMatch = (matches: (have: Json) => boolean): boolean => {
    const index = unmatched.findIndex(matches);
    if (index !== -1) unmatched.splice(index, 1);
    return index !== -1;
  };
  // Equal elements first: what is left may then be matched by elements to which the target added something.
  const remaining = to.filter((wanted) => !removeMatch((have) => isSame(have, wanted, normalise)));
  return remaining.every((wanted) =>
    removeMatch((have) => isObject(have) && isObject(wanted) && contains(have, wanted, normalise)),
  );
}

function contains(
  whole: { readonly [name: string]: Json },
  part: { readonly [name: string]: Json },
  normalise: Normaliser,
): boolean {
  return Object.entries(part).every(([name, value]) => isSame(whole[name] ?? null, value, normalise));
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
