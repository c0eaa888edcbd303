import type { ResourceType } from '../model/resource-type.ts';
import { enterpriseUserSchema, formatFilter, parsePath, PathSyntaxError, type AttributePath } from '../model/path.ts';
import type { Supports } from '../model/profile.ts';
import { canonicalPath, covers } from './canonical-path.ts';
import type { MappingEntry } from './mapping-entry.ts';
import { createMapping, type Mapping } from './mapping.ts';

/** Without these there is no account, and no way to close one. */
const essentialAttributes = new Set(['userName', 'active']);

/**
 * Leaves out of a mapping what the application does not keep, and adds what it cannot do without. Done before anything is compared: an attribute
 * that is sent, dropped there and sent again would be a difference for ever.
 * @throws PathSyntaxError where a drop is no path
 */
export function withoutUnsupported(
  mapping: Mapping,
  supports: Supports,
): { mapping: Mapping; dropped: readonly MappingEntry[] } {
  const { resourceType } = mapping;
  // A group has a name, whatever people have (RFC 7643 section 4.2).
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

/** Outside what it keeps, or an enterprise attribute where it has none. */
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

/** Where one element of a list must be the primary one, any that is mapped by itself may come to be it: whoever lacks the first has another. */
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

/** A drop names a path, an attribute with all that is below it (`addresses`), or a whole extension by its URN. */
function coversDropped(resourceType: ResourceType, drop: string, path: AttributePath): boolean {
  if (path.schema?.toLowerCase() === drop.toLowerCase()) return true;
  return covers(dropPath(resourceType, drop), path);
}

function dropPath(resourceType: ResourceType, drop: string): AttributePath {
  try {
    const { path, type } = canonicalPath(resourceType, drop);
    // Who drops the reference drops the manager, whatever else is mapped of it.
    return type === 'reference'
      ? { ...(path.schema === undefined ? {} : { schema: path.schema }), attribute: path.attribute }
      : path;
  } catch (error) {
    // What cannot be mapped can still be named as dropped: groups, emails.value, a schema.
    if (error instanceof PathSyntaxError) return parsePath(drop);
    throw error;
  }
}
