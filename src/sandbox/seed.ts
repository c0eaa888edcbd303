import type { Kind } from '../model/kind.ts';
import { coreGroupSchema, coreUserSchema } from '../model/path.ts';
import type { Json } from '../model/resource.ts';
import type { Application } from './application.ts';
import type { Complex, Resource } from './resource.ts';
import { create } from './resources.ts';

/** Resources that are there without a request. `schemas` may be left out; an `id` is kept, so that groups can name their members. */
export interface Seed {
  readonly users?: readonly Complex[];
  readonly groups?: readonly Complex[];
}

export interface Seeded {
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
}

/** Users first, each list in its order: a manager stands before the people who report to her. @throws ScimError as a POST would */
export function plant(app: Application, { users = [], groups = [] }: Seed): Seeded {
  return {
    users: users.map((user) => plantOne(app, 'User', user)),
    groups: groups.map((group) => plantOne(app, 'Group', group)),
  };
}

function plantOne(app: Application, kind: Kind, resource: Complex): Resource {
  const { id } = resource;
  const extensions = app.types[kind].extensions.flatMap((extension) =>
    resource[extension.id] === undefined ? [] : [extension.id],
  );
  const schemas: Json = [kind === 'User' ? coreUserSchema : coreGroupSchema, ...extensions];
  return create(app, kind, { ...resource, schemas }, undefined, typeof id === 'string' ? id : undefined);
}
