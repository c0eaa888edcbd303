import type { Json } from '../model/resource.ts';
import { isComplex, textOf } from './resource.ts';

/** Which groups hold an id as a direct member. */
export interface Memberships {
  groupsOf(id: string): Iterable<string>;
  /** A group's `members` before and after a change. */
  change(group: string, before: Json | undefined, after: Json | undefined): void;
}

export function createMemberships(): Memberships {
  const groups = new Map<string, Set<string>>();
  return {
    groupsOf: (id) => groups.get(id) ?? [],
    change(group, before, after) {
      if (before === after) return;
      const { gone, come } = difference(elements(before), elements(after));
      for (const id of gone) {
        groups.get(id)?.delete(group);
        if (groups.get(id)?.size === 0) groups.delete(id);
      }
      for (const id of come) {
        const held = groups.get(id);
        if (held === undefined) groups.set(id, new Set([group]));
        else held.add(group);
      }
    },
  };
}

/**
 * What left and what came, walking both lists side by side: a change keeps the order and the identity of what stays,
 * so a group of 100,000 costs comparisons of references only. Reordered members are in both answers, which is harmless.
 */
function difference(
  before: readonly Json[],
  after: readonly Json[],
): { gone: readonly string[]; come: readonly string[] } {
  const gone: string[] = [];
  let next = 0;
  for (const element of before) {
    if (after[next] === element) next += 1;
    else gone.push(valueOf(element));
  }
  return { gone, come: after.slice(next).map(valueOf) };
}

const elements = (members: Json | undefined): readonly Json[] =>
  Array.isArray(members) ? (members as readonly Json[]) : [];

const valueOf = (element: Json): string => (isComplex(element) ? textOf(element['value']) : '');
