import type { Kind } from '../model/kind.ts';
import { parsePath, PathSyntaxError, type AttributePath } from '../model/path.ts';
import type { Holds } from '../model/profile.ts';
import { canonicalPath, covers } from './canonical.ts';
import type { Line } from './line.ts';
import { mappingOf, type Mapping } from './mapping.ts';

/**
 * Leaves out of a mapping what the application does not keep. Done before anything is compared: an attribute that is sent,
 * dropped there and sent again would be a difference for ever.
 * @throws PathSyntaxError where a drop is no path
 */
export function fit(mapping: Mapping, { drops }: Pick<Holds, 'drops'>): { mapping: Mapping; dropped: readonly Line[] } {
  const isDropped = ({ at }: Line): boolean => drops.some((drop) => matches(mapping.kind, drop, at.path));
  const dropped = mapping.lines.filter(isDropped);
  if (dropped.length === 0) return { mapping, dropped };
  return { mapping: mappingOf(mapping.kind, mapping.lines.filter((line) => !isDropped(line))), dropped };
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
    return type === 'reference' ? { ...(path.schema === undefined ? {} : { schema: path.schema }), attribute: path.attribute } : path;
  } catch (error) {
    // What cannot be mapped can still be named as dropped: groups, emails.value, a schema.
    if (error instanceof PathSyntaxError) return parsePath(drop);
    throw error;
  }
}
