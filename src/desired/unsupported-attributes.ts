import type { ResourceType } from '../model/resource-type.ts';
import { enterpriseUserSchema, formatFilter, parsePath, PathSyntaxError, type AttributePath } from '../model/path.ts';
import type { Supports } from '../model/profile.ts';
import { canonicalPath, covers } from './canonical-path.ts';
import type { MappingEntry } from './mapping-entry.ts';
import { createMapping, type Mapping } from './mapping.ts';

/** Required to create and to deactivate an account. */
const essentialAttributes = new Set(['userName', 'active']);

/**
 * Removes attributes that the application does not store from a mapping, and adds required ones. This happens before
 * the comparison: an attribute that the application drops would otherwise be a permanent difference.
 * @throws PathSyntaxError if an unsupported attribute is not a path
 */
export function withoutUnsupported(
  mapping: Mapping,
  supports: Supports,
): { mapping: Mapping; dropped: readonly MappingEntry[] } {
  const { resourceType } = mapping;
  // A group always has a name (RFC 7643 section 4.2); the setting concerns users.
  const isDropped = ({ at }: MappingEntry): boolean =>
    (supports.unsupportedAttributes.some((drop) => coversDropped(resourceType, drop, at.path)) &&
      !(resourceType === 'Group' && at.text === 'displayName')) ||
    (resourceType === 'User' &&
      (isUnsupported(supports, at.path, at.text) || isUnsupportedSubAttribute(supports, at.path)));
  const dropped = mapping.entries.filter(isDropped);
  const retained = mapping.entries.filter((entry) => !dropped.includes(entry));
  const primaryEntries = resourceType === 'User' ? missingPrimaryEntries(supports, retained) : [];
  return dropped.length + primaryEntries.length === 0
    ? { mapping, dropped }
    : { mapping: createMapping(resourceType, [...retained, ...primaryEntries]), dropped };
}

/** Not stored, or an enterprise attribute without support for the extension. */
function isUnsupported({ onlyAttributes, enterpriseSchema }: Supports, path: AttributePath, text: string): boolean {
  if (enterpriseSchema === null && path.schema?.toLowerCase() === enterpriseUserSchema.toLowerCase()) return true;
  return (
    onlyAttributes !== 'all' &&
    !essentialAttributes.has(text) &&
    !onlyAttributes.some((kept) => coversDropped('User', kept, path))
  );
}

function isUnsupportedSubAttribute(
  { lists }: Supports,
  { schema, attribute, filter, subAttribute }: AttributePath,
): boolean {
  const parts = schema === undefined && filter !== undefined ? lists[attribute]?.subAttributes : undefined;
  return parts !== undefined && !parts.includes(subAttribute ?? 'value');
}

/** If a list needs a primary element, any mapped element may become it: a user without the first one has another. */
function missingPrimaryEntries({ lists }: Supports, entries: readonly MappingEntry[]): readonly MappingEntry[] {
  const isElementOf = (attribute: string, { schema, attribute: name, filter }: AttributePath): boolean =>
    schema === undefined && name === attribute && filter !== undefined;
  return Object.entries(lists).flatMap(([attribute, { primary }]) => {
    if (primary !== true) return [];
    const elements = new Set(
      entries.filter(({ at }) => isElementOf(attribute, at.path)).map(({ at }) => formatFilter(at.path.filter ?? [])),
    );
    return [...elements]
      .map((element) => canonicalPath('User', `${attribute}[${element}].primary`))
      .filter(({ text }) => !entries.some(({ at }) => at.text === text))
      .map((at): MappingEntry => ({ at, source: { kind: 'constant', value: true }, origin: 'default' }));
  });
}

/**
 * An unsupported attribute is a path, an attribute with its sub-attributes (`addresses`), or the URN of an extension.
 */
function coversDropped(resourceType: ResourceType, drop: string, path: AttributePath): boolean {
  if (path.schema?.toLowerCase() === drop.toLowerCase()) return true;
  return covers(dropPath(resourceType, drop), path);
}

function dropPath(resourceType: ResourceType, drop: string): AttributePath {
  try {
    const { path, type } = canonicalPath(resourceType, drop);
    // Without the reference, the other sub-attributes of the manager are dropped too.
    return type === 'reference'
      ? { ...(path.schema === undefined ? {} : { schema: path.schema }), attribute: path.attribute }
      : path;
  } catch (error) {
    // Unsupported attributes may also be paths that cannot be mapped: groups, emails.value, a schema.
    if (error instanceof PathSyntaxError) return parsePath(drop);
    throw error;
  }
}
