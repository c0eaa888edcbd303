import { formatFilter } from '../model/path.ts';
import type { MappingEntry } from './mapping-entry.ts';

/**
 * All lines about one element that a filter describes, and those among them without which it means nothing. An element
 * stands as a whole or not at all: `primary: true` alone is no e-mail address.
 *
 *     emails[type eq "work"].value   = user.mail (missing)  ─┐
 *     emails[type eq "work"].primary = true                 ─┴→ neither stands
 */
export interface FilteredElement {
  readonly entries: readonly MappingEntry[];
  readonly requiredEntries: readonly MappingEntry[];
}

export function filteredElements(mappingEntries: readonly MappingEntry[]): readonly FilteredElement[] {
  const byElement = new Map<string, MappingEntry[]>();
  for (const entry of mappingEntries) {
    const { schema, attribute, filter } = entry.at.path;
    if (filter === undefined) continue;
    const name = `${schema ?? ''}:${attribute}[${formatFilter(filter)}]`;
    byElement.set(name, [...(byElement.get(name) ?? []), entry]);
  }
  return [...byElement.values()].map((entries) => ({ entries, requiredEntries: requiredEntriesOf(entries) }));
}

/** `value` carries an element where it is mapped; otherwise any line that is not a constant does (an address has no `value`). */
function requiredEntriesOf(entries: readonly MappingEntry[]): readonly MappingEntry[] {
  const valueEntries = entries.filter(({ at }) => at.path.subAttribute === 'value');
  if (valueEntries.length > 0) return valueEntries;
  const variableEntries = entries.filter(({ source }) => source.kind !== 'constant');
  return variableEntries.length > 0 ? variableEntries : entries;
}
