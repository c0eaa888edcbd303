import type { Kind } from '../model/kind.ts';
import { enterpriseUserSchema, formatFilter, parsePath, PathSyntaxError, type AttributePath } from '../model/path.ts';
import type { Holds } from '../model/profile.ts';
import { canonicalPath, covers } from './canonical.ts';
import type { Line } from './line.ts';
import { mappingOf, type Mapping } from './mapping.ts';

/** Without these there is no account, and no way to close one. */
const essential = new Set(['userName', 'active']);

/**
 * Leaves out of a mapping what the application does not keep, and adds what it cannot do without. Done before anything is compared: an attribute
 * that is sent, dropped there and sent again would be a difference for ever.
 * @throws PathSyntaxError where a drop is no path
 */
export function fit(mapping: Mapping, holds: Holds): { mapping: Mapping; dropped: readonly Line[] } {
  const { kind } = mapping;
  // A group has a name, whatever people have (RFC 7643 section 4.2).
  const isDropped = ({ at }: Line): boolean =>
    (holds.drops.some((drop) => matches(kind, drop, at.path)) && !(kind === 'Group' && at.text === 'displayName')) ||
    (kind === 'User' && (isBeyond(holds, at.path, at.text) || isForeignPart(holds, at.path)));
  const dropped = mapping.lines.filter(isDropped);
  const kept = mapping.lines.filter((line) => !dropped.includes(line));
  const added = kind === 'User' ? primaries(holds, kept) : [];
  return dropped.length + added.length === 0
    ? { mapping, dropped }
    : { mapping: mappingOf(kind, [...kept, ...added]), dropped };
}

/** Outside what it keeps, or an enterprise attribute where it has none. */
function isBeyond({ keeps, enterpriseSchema }: Holds, path: AttributePath, text: string): boolean {
  if (enterpriseSchema === null && path.schema?.toLowerCase() === enterpriseUserSchema.toLowerCase()) return true;
  return keeps !== 'everything' && !essential.has(text) && !keeps.some((kept) => matches('User', kept, path));
}

function isForeignPart({ lists }: Holds, { schema, attribute, filter, sub }: AttributePath): boolean {
  const parts = schema === undefined && filter !== undefined ? lists[attribute]?.parts : undefined;
  return parts !== undefined && !parts.includes(sub ?? 'value');
}

/** Where one element of a list must be the primary one, any that is mapped by itself may come to be it: whoever lacks the first has another. */
function primaries({ lists }: Holds, lines: readonly Line[]): readonly Line[] {
  const isElementOf = (attribute: string, { schema, attribute: name, filter }: AttributePath): boolean =>
    schema === undefined && name === attribute && filter !== undefined;
  return Object.entries(lists).flatMap(([attribute, { primary }]) => {
    if (primary !== true) return [];
    const elements = new Set(
      lines.filter(({ at }) => isElementOf(attribute, at.path)).map(({ at }) => formatFilter(at.path.filter ?? [])),
    );
    return [...elements]
      .map((element) => canonicalPath('User', `${attribute}[${element}].primary`))
      .filter(({ text }) => !lines.some(({ at }) => at.text === text))
      .map((at): Line => ({ at, rule: { kind: 'constant', value: true }, from: 'default' }));
  });
}

/** A drop names a path, an attribute with all that is below it (`addresses`), or a whole extension by its URN. */
function matches(kind: Kind, drop: string, path: AttributePath): boolean {
  if (path.schema?.toLowerCase() === drop.toLowerCase()) return true;
  return covers(dropPath(kind, drop), path);
}

function dropPath(kind: Kind, drop: string): AttributePath {
  try {
    const { path, type } = canonicalPath(kind, drop);
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
