import type { SourceRecord } from '../../model/record.ts';
import { canonicalPath } from '../canonical-path.ts';
import { defaultMapping, type SourceColumns } from '../default-mapping.ts';
import { compileExpression } from '../expression.ts';
import { attributeExpression } from '../expressions/attribute-variables.ts';
import { recordContext } from '../expression-context.ts';
import { describeSource, evaluateEntry, type MappingEntry } from '../mapping-entry.ts';

/** How the groups of a source get their names. */
export interface GroupName {
  readonly entry: MappingEntry;
  /** The attributes that it reads; undefined: an expression computes a name of an attribute. */
  readonly usedAttributes: ReadonlySet<string> | undefined;
  /** What decides the names, as text. */
  readonly text: string;
  /** The name of a group; a group without one is known by its key. */
  of(group: SourceRecord): string;
}

/**
 * Compiles how groups are named. Without a configured attribute, a group has the name that it would have at a target
 * without a mapping.
 *
 * @param nameAttribute the configured attribute with the name
 */
export function compileGroupName(columns: SourceColumns, nameAttribute: string | undefined): GroupName {
  const entry = entryOf(columns, nameAttribute);
  return {
    entry,
    usedAttributes: entry.source.kind === 'expression' ? entry.source.expression.usedAttributes : new Set(),
    text: describeSource(entry.source),
    of(group) {
      const mapped = evaluateEntry(entry, group, recordContext('Group', group.attributes));
      return mapped.kind === 'value' && typeof mapped.value === 'string' ? mapped.value : group.key;
    },
  };
}

function entryOf(columns: SourceColumns, nameAttribute: string | undefined): MappingEntry {
  const at = canonicalPath('Group', 'displayName');
  if (nameAttribute !== undefined) {
    const expression = compileExpression(attributeExpression('group', nameAttribute), 'group');
    return { at, source: { kind: 'expression', expression }, origin: 'mapping' };
  }
  const entry = defaultMapping('Group', columns).entries.find((one) => one.at.text === at.text);
  return entry ?? { at, source: { kind: 'key' }, origin: 'default' };
}

/** A source without groups can get those of joined sources, which have an attribute `name`. */
export function groupColumns(
  {
    groups,
    mapping,
  }: {
    readonly groups: readonly string[];
    readonly mapping?: { readonly group: Readonly<Record<string, string>> } | undefined;
  },
  hasJoinedGroups: boolean,
): SourceColumns {
  const isBare = hasJoinedGroups && groups.length === 0 && mapping === undefined;
  return { columns: isBare ? ['name'] : groups, mapping: mapping?.group, hasOtherColumns: hasJoinedGroups };
}
