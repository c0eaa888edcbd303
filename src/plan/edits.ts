import type { Edit } from '../model/operation.ts';
import { pathOf } from '../model/path.ts';
import type { Body, Json } from '../model/resource.ts';

/**
 * The smallest set of edits from one body to another. Only managed paths are looked at: what a mapping does not name is not ours.
 *
 * `foldsCase`: paths at which a difference of case alone is no difference, because the target would not keep it.
 */
export function edits(known: Body, desired: Body, paths: readonly string[], foldsCase: readonly string[]): readonly Edit[] {
  const result: Edit[] = [];
  for (const path of paths) {
    const from = known[path] ?? null;
    const to = desired[path] ?? null;
    if (!same(from, to, foldsCase.includes(path))) result.push({ path, from, to });
  }
  return result;
}

/** Whether an edit changes what people sign in or are reached with, where there was something before. */
export function isRename({ path, from, to }: Edit): boolean {
  return from !== null && to !== null && (path === 'userName' || pathOf(path).attribute === 'emails');
}

function same(from: Json, to: Json, foldCase: boolean): boolean {
  if (from === to) return true;
  if (typeof from === 'string' && typeof to === 'string') return foldCase && from.toLowerCase() === to.toLowerCase();
  if (Array.isArray(from) && Array.isArray(to)) return sameList(from as readonly Json[], to as readonly Json[]);
  if (isObject(from) && isObject(to)) return contains(from, to) && contains(to, from);
  // Some servers give numbers and booleans as text.
  return typeof from !== 'object' && typeof to !== 'object' && String(from).toLowerCase() === String(to).toLowerCase();
}

/** Multi-valued attributes have no order (RFC 7643 section 2.4). What a target adds to an element (`type`, `display`) is no difference. */
function sameList(from: readonly Json[], to: readonly Json[]): boolean {
  if (from.length !== to.length) return false;
  const left = [...from];
  return to.every((wanted) => {
    const at = left.findIndex((have) => (isObject(have) && isObject(wanted) ? contains(have, wanted) : same(have, wanted, false)));
    if (at === -1) return false;
    left.splice(at, 1);
    return true;
  });
}

function contains(whole: { readonly [name: string]: Json }, part: { readonly [name: string]: Json }): boolean {
  return Object.entries(part).every(([name, value]) => same(whole[name] ?? null, value, false));
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
