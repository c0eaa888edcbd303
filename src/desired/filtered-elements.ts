import { formatFilter } from '../model/path.ts';
import type { MappingEntry } from './mapping-entry.ts';

/**
 * All mapping entries of one filtered element, and the required ones among them. An element is present completely or
 * not at all: `primary: true` alone is no e-mail address.
 *
 *     emails[type eq "work"].value   = user.mail (missing)  ─┐
 *     emails[type eq "work"].primary = true                 ─┴→ both absent
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

/** `value` is required if it is mapped; otherwise any entry that is not a constant (an address has no `value`). */
function requiredEntriesOf(entries: readonly MappingEntry[]): readonly MappingEntry[] {
  const valueEntries = entries.filter(({ at }) => at.path.subAttribute === 'value');
  if (valueEntries.length > 0) return valueEntries;
  const variableEntries = entries.filter(({ source }) => source.kind !== 'constant');
  return variableEntries.length > 0 ? variableEntries : entries;
}
