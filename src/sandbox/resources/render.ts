import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import type { Application } from '../behaviours/behaviour.ts';
import type { ResourceStore } from './resource-store.ts';
import type { ScimRequest } from '../http/request.ts';
import { textOf, type Resource } from './resource.ts';

/** Adds `groups` to a user (RFC 7643 section 4.1.2). */
export function withGroups(resourceType: ResourceType, resource: Resource, store: ResourceStore): Resource {
  if (resourceType === 'Group') return resource;
  const groups = [...store.groupsOf(resource.id)].map((group): Json => ({
    value: group.id,
    $ref: group.meta.location,
    display: textOf(group['displayName']),
    type: 'direct',
  }));
  return groups.length === 0 ? resource : { ...resource, groups };
}

/** The resource as readers and filters see it. @returns undefined if it is hidden */
export function visibleResource(
  app: Application,
  request: ScimRequest,
  resourceType: ResourceType,
  resource: Resource,
): Resource | undefined {
  let visible: Resource | undefined = withGroups(resourceType, resource, app.store);
  for (const { visibleAs } of app.behaviours.toReversed()) {
    if (visible === undefined) return undefined;
    if (visibleAs !== undefined) visible = visibleAs(visible, resourceType, request, app);
  }
  return visible;
}
