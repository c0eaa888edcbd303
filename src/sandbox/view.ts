import type { Kind } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import type { Application } from './application.ts';
import type { Contents } from './contents.ts';
import type { Asked } from './request.ts';
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

/** The same as this application lets it be seen. @returns undefined where nobody sees it */
export function seen(app: Application, asked: Asked, kind: Kind, resource: Resource): Resource | undefined {
  let shown: Resource | undefined = view(kind, resource, app.contents);
  for (const { appear } of app.habits.toReversed()) {
    if (shown === undefined) return undefined;
    if (appear !== undefined) shown = appear(shown, kind, asked, app);
  }
  return shown;
}
