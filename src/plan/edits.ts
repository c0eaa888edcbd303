import type { Edit } from '../model/operation.ts';
import { pathOf } from '../model/path.ts';
import type { Body, Json } from '../model/resource.ts';

/** Paths at which a target keeps less of a value than its every sign: neither case nor, for others, blanks and punctuation. */
export interface Folds {
  readonly foldsCase: readonly string[];
  readonly foldsPunctuation: readonly string[];
}

/** What remains of a text that a target keeps. */
type Fold = (text: string) => string;

/**
 * The smallest set of edits from one body to another. Only managed paths are looked at: what a mapping does not name is not ours.
 *
 * `doubtful`: paths that are said again in any case.
 * What the target would not keep is no difference (`folds`).
 */
export function edits(
  known: Body,
  desired: Body,
  paths: readonly string[],
  folds: Folds,
  doubtful: readonly string[] = [],
): readonly Edit[] {
  const result: Edit[] = [];
  for (const path of paths) {
    const from = known[path] ?? null;
    const to = desired[path] ?? null;
    if (doubtful.includes(path) || !(from === to || isKept(path, from, to, folds))) result.push({ path, from, to });
  }
  return result;
}

/** Whether two values are one to a target that folds them so. Asked only of what differs: most does not. */
const isKept = (path: string, from: Json, to: Json, folds: Folds): boolean =>
  same(from, to, foldAt(path, folds)) || (isFalse(from) && isFalse(to) && pathOf(path).sub === 'primary');

/** An element that is not said to be the primary one is none (RFC 7643 section 2.4). */
const isFalse = (value: Json): boolean =>
  value === null || value === false || (typeof value === 'string' && value.toLowerCase() === 'false');

/** Whether an edit changes what people sign in or are reached with, where there was something before. */
export function isRename({ path, from, to }: Edit): boolean {
  if (from === null || to === null || from === to) return false;
  const { schema, attribute, sub } = pathOf(path);
  return schema === undefined && (attribute === 'userName' || (attribute === 'emails' && (sub ?? 'value') === 'value'));
}

function foldAt(path: string, { foldsCase, foldsPunctuation }: Folds): Fold {
  const lower: Fold = isAmong(foldsCase, path) ? (text) => text.toLowerCase() : (text) => text;
  return isAmong(foldsPunctuation, path) ? (text) => lower(text).replace(/[^\p{L}\p{N}]/gu, '') : lower;
}

/** Whether a list of paths means this one, by itself or with all of its attribute; their letters' case is none (RFC 7643 section 2.1). */
export const isAmong = (paths: readonly string[], path: string): boolean =>
  paths.some((each) => each.toLowerCase() === path.toLowerCase() || holdsAll(each.toLowerCase(), path.toLowerCase()));

/** `phoneNumbers` means every `phoneNumbers[…]`. */
function holdsAll(outer: string, inner: string): boolean {
  const { schema, attribute, filter, sub } = pathOf(outer);
  const path = pathOf(inner);
  return filter === undefined && sub === undefined && schema === path.schema && attribute === path.attribute;
}

function same(from: Json, to: Json, fold: Fold): boolean {
  if (from === to) return true;
  if (typeof from === 'string' && typeof to === 'string') return fold(from) === fold(to);
  if (Array.isArray(from) && Array.isArray(to)) return sameList(from as readonly Json[], to as readonly Json[], fold);
  if (isObject(from) && isObject(to)) return contains(from, to, fold) && contains(to, from, fold);
  // Some servers give numbers and booleans as text.
  return typeof from !== 'object' && typeof to !== 'object' && String(from).toLowerCase() === String(to).toLowerCase();
}

/** Multi-valued attributes have no order (RFC 7643 section 2.4). What a target adds to an element (`type`, `display`) is no difference. */
function sameList(from: readonly Json[], to: readonly Json[], fold: Fold): boolean {
  if (from.length !== to.length) return false;
  const left = [...from];
  const take = (matches: (have: Json) => boolean): boolean => {
    const at = left.findIndex(matches);
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  };
  // Equal elements first: what is left may then be matched by elements to which the target added something.
  const others = to.filter((wanted) => !take((have) => same(have, wanted, fold)));
  return others.every((wanted) => take((have) => isObject(have) && isObject(wanted) && contains(have, wanted, fold)));
}

function contains(
  whole: { readonly [name: string]: Json },
  part: { readonly [name: string]: Json },
  fold: Fold,
): boolean {
  return Object.entries(part).every(([name, value]) => same(whole[name] ?? null, value, fold));
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
