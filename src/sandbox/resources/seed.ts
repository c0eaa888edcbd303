import type { ResourceType } from '../../model/resource-type.ts';
import { coreGroupSchema, coreUserSchema } from '../../model/path.ts';
import type { Json } from '../../model/resource.ts';
import type { Application } from '../behaviours/behaviour.ts';
import type { Complex, Resource } from './resource.ts';
import { create } from './resources.ts';

/**
 * Resources that are created without a request. `schemas` is optional; a given `id` is used, so that groups can
 * reference members.
 */
export interface Seed {
  readonly users?: readonly Complex[];
  readonly groups?: readonly Complex[];
}

/** The resources that the sandbox has at its start. */
export interface SeededResources {
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
}

/**
 * Creates users first, each list in its order: a manager must precede the users who reference it.
 * @throws ScimError as a POST would
 */
export function seedResources(app: Application, { users = [], groups = [] }: Seed): SeededResources {
  return {
    users: users.map((user) => seedResource(app, 'User', user)),
    groups: groups.map((group) => seedResource(app, 'Group', group)),
  };
}

function seedResource(app: Application, resourceType: ResourceType, resource: Complex): Resource {
  const { id } = resource;
  const extensions = app.typeDefinitions[resourceType].extensions.flatMap((extension) =>
    resource[extension.id] === undefined ? [] : [extension.id],
  );
  const schemas: Json = [resourceType === 'User' ? coreUserSchema : coreGroupSchema, ...extensions];
  return create(app, resourceType, { ...resource, schemas }, undefined, typeof id === 'string' ? id : undefined);
}
