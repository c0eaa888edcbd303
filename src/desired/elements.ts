import { formatFilter } from '../model/path.ts';
import type { Line } from './line.ts';

/**
 * All lines about one element that a filter describes, and those among them without which it means nothing. An element
 * stands as a whole or not at all: `primary: true` alone is no e-mail address.
 *
 *     emails[type eq "work"].value   = user.mail (missing)  ─┐
 *     emails[type eq "work"].primary = true                 ─┴→ neither stands
 */
export interface Element {
  readonly members: readonly Line[];
  readonly carriers: readonly Line[];
}

export function elementsOf(lines: readonly Line[]): readonly Element[] {
  const byElement = new Map<string, Line[]>();
  for (const line of lines) {
    const { schema, attribute, filter } = line.at.path;
    if (filter === undefined) continue;
    const name = `${schema ?? ''}:${attribute}[${formatFilter(filter)}]`;
    byElement.set(name, [...(byElement.get(name) ?? []), line]);
  }
  return [...byElement.values()].map((members) => ({ members, carriers: carriersOf(members) }));
}

/** `value` carries an element where it is mapped; otherwise any line that is not a constant does (an address has no `value`). */
function carriersOf(members: readonly Line[]): readonly Line[] {
  const value = members.filter(({ at }) => at.path.sub === 'value');
  if (value.length > 0) return value;
  const varying = members.filter(({ rule }) => rule.kind !== 'constant');
  return varying.length > 0 ? varying : members;
}
