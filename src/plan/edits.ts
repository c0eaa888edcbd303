import type { Edit } from '../model/operation.ts';
import { pathOf } from '../model/path.ts';
import type { Body, Json } from '../model/resource.ts';

/**
 * The smallest set of edits from one body to another. Only managed paths are looked at: what a mapping does not name is not ours.
 *
 * `doubtful`: paths that are said again in any case.
 * `foldsCase`: paths at which a difference of case alone is no difference, because the target would not keep it.
 */
export function edits(known: Body, desired: Body, paths: readonly string[], foldsCase: readonly string[], doubtful: readonly string[] = []): readonly Edit[] {
  const result: Edit[] = [];
  for (const path of paths) {
    const from = known[path] ?? null;
    const to = desired[path] ?? null;
    if (doubtful.includes(path) || !same(from, to, foldsCase.includes(path))) result.push({ path, from, to });
  }
  return result;
}

/** Whether an edit changes what people sign in or are reached with, where there was something before. */
export function isRename({ path, from, to }: Edit): boolean {
  if (from === null || to === null || from === to) return false;
  const { schema, attribute, sub } = pathOf(path);
  return schema === undefined && (attribute === 'userName' || (attribute === 'emails' && (sub ?? 'value') === 'value'));
}

function same(from: Json, to: Json, foldCase: boolean): boolean {
  if (from === to) return true;
  if (typeof from === 'string' && typeof to === 'string') return foldCase && from.toLowerCase() === to.toLowerCase();
  if (Array.isArray(from) && Array.isArray(to)) return sameList(from as readonly Json[], to as readonly Json[], foldCase);
  if (isObject(from) && isObject(to)) return contains(from, to, foldCase) && contains(to, from, foldCase);
  // Some servers give numbers and booleans as text.
  return typeof from !== 'object' && typeof to !== 'object' && String(from).toLowerCase() === String(to).toLowerCase();
}

/** Multi-valued attributes have no order (RFC 7643 section 2.4). What a target adds to an element (`type`, `display`) is no difference. */
function sameList(from: readonly Json[], to: readonly Json[], foldCase: boolean): boolean {
  if (from.length !== to.length) return false;
  const left = [...from];
  const take = (matches: (have: Json) => boolean): boolean => {
    const at = left.findIndex(matches);
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  };
  // Equal elements first: what is left may then be matched by elements to which the target added something.
  const others = to.filter((wanted) => !take((have) => same(have, wanted, foldCase)));
  return others.every((wanted) => take((have) => isObject(have) && isObject(wanted) && contains(have, wanted, foldCase)));
}

function contains(whole: { readonly [name: string]: Json }, part: { readonly [name: string]: Json }, foldCase: boolean): boolean {
  return Object.entries(part).every(([name, value]) => same(whole[name] ?? null, value, foldCase));
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
