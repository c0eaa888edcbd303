import type { Json } from '../../model/resource.ts';
import { isComplex, textOf } from './resource.ts';

/** Index from the id of a member to its groups. */
export interface MembershipIndex {
  groupsOf(id: string): Iterable<string>;
  /** Applies a change of a group's `members`. */
  update(group: string, before: Json | undefined, after: Json | undefined): void;
}

/** Finds the groups of a member without a search through all groups. */
export function createMembershipIndex(): MembershipIndex {
  const groups = new Map<string, Set<string>>();
  return {
    groupsOf: (id) => groups.get(id) ?? [],
    update(group, before, after) {
      if (before === after) return;
      const { removed, added } = difference(elements(before), elements(after));
      for (const id of removed) {
        groups.get(id)?.delete(group);
        if (groups.get(id)?.size === 0) groups.delete(id);
      }
      for (const id of added) {
        const groupIds = groups.get(id);
        if (groupIds === undefined) groups.set(id, new Set([group]));
        else groupIds.add(group);
      }
    },
  };
}

/**
 * Removed and added members, by a parallel walk through both lists. A change keeps the order and the identity of the
 * other elements, so a group with 100,000 members costs comparisons of references only. Reordered members appear in
 * both results, which is harmless.
 */
function difference(
  before: readonly Json[],
  after: readonly Json[],
): { removed: readonly string[]; added: readonly string[] } {
  const removed: string[] = [];
  let next = 0;
  for (const element of before) {
    if (after[next] === element) next += 1;
    else removed.push(valueOf(element));
  }
  return { removed, added: after.slice(next).map(valueOf) };
}

const elements = (members: Json | undefined): readonly Json[] =>
  Array.isArray(members) ? (members as readonly Json[]) : [];

const valueOf = (element: Json): string => (isComplex(element) ? textOf(element['value']) : '');
