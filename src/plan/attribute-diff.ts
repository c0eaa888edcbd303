import type { Edit } from '../model/operation.ts';
import { pathOf } from '../model/path.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import type { FlatResource, Json } from '../model/resource.ts';

/** Paths at which a target does not preserve case, or blanks and punctuation. Such differences do not count. */
export interface Normalisation {
  readonly caseInsensitive: readonly string[];
  readonly ignoresPunctuation: readonly string[];
}

/** Reduces a text to the part that a target preserves. */
type Normaliser = (text: string) => string;

/**
 * The smallest set of edits that turns one body into another.
 *
 * @param paths the managed paths; a path that the mapping does not contain is not compared
 * @param normalisation differences that the target does not preserve are ignored
 * @param inDoubt paths that are sent again even without a difference
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

/** Whether a target treats two values as equal. Slower than `===`, so only different values are compared here. */
const isEquivalent = (path: string, from: Json, to: Json, normalisation: Normalisation): boolean =>
  isSame(from, to, normaliserFor(path, normalisation)) ||
  (isFalse(from) && isFalse(to) && pathOf(path).subAttribute === 'primary');

/** An element without `primary` is not the primary one (RFC 7643 section 2.4). */
const isFalse = (value: Json): boolean =>
  value === null || value === false || (typeof value === 'string' && value.toLowerCase() === 'false');

/**
 * Whether an edit replaces or removes a value that decides access: of a user, userName and e-mail address, by which
 * users sign in or are reached, and `active`; of a group, its name. Letter case does not matter.
 */
export function isRename(resourceType: ResourceType, { path, from, to }: Edit): boolean {
  if (from === null || isSame(from, to, (text) => text.toLowerCase())) return false;
  if (resourceType === 'Group') return path === uniqueNameAttribute('Group');
  const { schema, attribute, subAttribute } = pathOf(path);
  return (
    schema === undefined &&
    (attribute === 'userName' ||
      attribute === 'active' ||
      (attribute === 'emails' && (subAttribute ?? 'value') === 'value'))
  );
}

function normaliserFor(path: string, { caseInsensitive, ignoresPunctuation }: Normalisation): Normaliser {
  const lower: Normaliser = coversPath(caseInsensitive, path) ? (text) => text.toLowerCase() : (text) => text;
  return coversPath(ignoresPunctuation, path) ? (text) => lower(text).replace(/[^\p{L}\p{N}]/gu, '') : lower;
}

/**
 * Whether a list of paths contains this path or the complete attribute that it belongs to. Attribute names are case
 * insensitive (RFC 7643 section 2.1).
 */
export const coversPath = (paths: readonly string[], path: string): boolean =>
  paths.some(
    (candidate) =>
      candidate.toLowerCase() === path.toLowerCase() || isWholeAttributeOf(candidate.toLowerCase(), path.toLowerCase()),
  );

/** `phoneNumbers` covers every `phoneNumbers[…]`. */
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
  // A target may show the plain words that it takes as objects, or the other way round (RFC 7643 section 2.4).
  if (isObject(from) !== isObject(to)) return isSame(plainValue(from), plainValue(to), normalise);
  if (isObject(from) && isObject(to)) return contains(from, to, normalise) && contains(to, from, normalise);
  // Some servers return numbers and booleans as text.
  return typeof from !== 'object' && typeof to !== 'object' && String(from).toLowerCase() === String(to).toLowerCase();
}

/** The value of an element that has one; undefined members compare as unequal. */
const plainValue = (value: Json): Json => (isObject(value) ? (value['value'] ?? null) : value);

/**
 * Multi-valued attributes have no order (RFC 7643 section 2.4). Sub-attributes that a target adds to an element
 * (`type`, `display`) are not a difference.
 */
function isSameList(from: readonly Json[], to: readonly Json[], normalise: Normaliser): boolean {
  if (from.length !== to.length) return false;
  const unmatched = [...from];
  const removeMatch = (matches: (candidate: Json) => boolean): boolean => {
    const index = unmatched.findIndex(matches);
    if (index !== -1) unmatched.splice(index, 1);
    return index !== -1;
  };
  // Equal elements first: an element to which the target added sub-attributes must not take an exact match.
  const remaining = to.filter((element) => !removeMatch((candidate) => isSame(candidate, element, normalise)));
  return remaining.every((element) =>
    removeMatch((candidate) => isObject(candidate) && isObject(element) && contains(candidate, element, normalise)),
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
