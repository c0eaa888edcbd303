import type { Kind } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import type { Contents } from './contents.ts';
import { textOf, type Resource } from './resource.ts';

/** A resource as it is answered: a user also has the groups to which it belongs (RFC 7643 section 4.1.2). */
export function view(kind: Kind, resource: Resource, contents: Contents): Resource {
  if (kind === 'Group') return resource;
  const groups = [...contents.groupsOf(resource.id)].map((group): Json => ({
    value: group.id,
    $ref: group.meta.location,
    display: textOf(group['displayName']),
    type: 'direct',
  }));
  return groups.length === 0 ? resource : { ...resource, groups };
}
