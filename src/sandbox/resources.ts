import { randomUUID } from 'node:crypto';
import type { Kind } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import { isoTime } from '../model/time.ts';
import { acceptResource } from './accept.ts';
import type { Application } from './application.ts';
import { applyEdits } from './patch/apply.ts';
import { readEdits } from './patch/edits.ts';
import { settlePrimary } from './patch/values.ts';
import { checkManager, resolveMembers } from './references.ts';
import type { Asked } from './request.ts';
import { withMember, type Complex, type Resource } from './resource.ts';
import { badRequest, ScimError } from './scim-error.ts';

/** @throws ScimError 404 */
export function find(app: Application, kind: Kind, id: string): Resource {
  const found = app.contents.get(kind, id);
  if (found === undefined) throw missing(kind, id);
  return found;
}

export const missing = (kind: Kind, id: string): ScimError =>
  new ScimError(404, `There is no ${kind} with id ${JSON.stringify(id)}.`);

/** RFC 7644 section 3.3. @param id given by a seed; otherwise a new one is made. @throws ScimError 400, 409 */
export function create(app: Application, kind: Kind, body: Json, asked?: Asked, id: string = randomUUID()): Resource {
  const attributes = completed(
    app,
    kind,
    undefined,
    acceptResource(app.types[kind], body, app.rules.strictSchema),
    asked,
  );
  const now = isoTime(app.now());
  return keep(app, kind, id, attributes, { created: now, lastModified: now });
}

/** RFC 7644 section 3.5.1: attributes that are not given become unassigned. @throws ScimError 400, 409 */
export function replace(app: Application, kind: Kind, before: Resource, body: Json, asked?: Asked): Resource {
  return amend(
    app,
    kind,
    before,
    completed(app, kind, before, acceptResource(app.types[kind], body, app.rules.strictSchema), asked),
  );
}

/** RFC 7644 section 3.5.2: all operations or none; the same resource when they change nothing. @throws ScimError 400, 409 */
export function patch(app: Application, kind: Kind, before: Resource, message: Json, asked?: Asked): Resource {
  const edits = readEdits(app.types[kind], before.id, message, app.rules.strictSchema);
  const attributes = attributesOf(before);
  const after = applyEdits(attributes, edits, app.rules);
  return after === attributes ? before : amend(app, kind, before, completed(app, kind, before, after, asked));
}

/** The resource with other attributes, changed now. @throws ScimError 409 */
export function amend(app: Application, kind: Kind, before: Resource, attributes: Complex): Resource {
  return keep(app, kind, before.id, attributes, { created: before.meta.created, lastModified: isoTime(app.now()) });
}

/** RFC 7644 section 3.6. */
export function remove(app: Application, kind: Kind, id: string): void {
  const groups = app.rules.deletionEndsMemberships ? [...app.contents.groupsOf(id)] : [];
  app.contents.delete(kind, id);
  for (const group of groups) if (group.id !== id) amend(app, 'Group', group, withoutMember(group, id));
}

/** A group's attributes without one of its members. */
export function withoutMember(group: Resource, id: string): Complex {
  const members = (group['members'] as readonly Complex[]).filter((member) => member['value'] !== id);
  return withMember(attributesOf(group), 'members', members.length === 0 ? undefined : members);
}

/** What is said of a resource, without what the application itself adds. */
export function attributesOf(resource: Resource): Complex {
  const { schemas: _schemas, id: _id, meta: _meta, ...attributes } = resource;
  return attributes;
}

/** The attributes with what this application adds, once they are known to be whole and to point to something. */
function completed(
  app: Application,
  kind: Kind,
  before: Resource | undefined,
  given: Complex,
  asked: Asked | undefined,
): Complex {
  const attributes = stored(app, kind, before, given, asked);
  const type = app.types[kind];
  for (const definition of type.attributes) {
    const value = attributes[definition.name];
    if (definition.required && (value === undefined || (typeof value === 'string' && value.trim() === ''))) {
      throw badRequest('invalidValue', `${definition.name} is required.`);
    }
    if (Array.isArray(value)) settlePrimary(definition, [], value);
  }
  if (kind === 'Group') return resolveMembers(attributes, app.contents, (of, id) => locationOf(app, of, id), app.rules);
  checkManager(type, before, attributes, app.contents);
  return attributes['active'] === undefined ? { ...attributes, active: true } : attributes;
}

function stored(
  app: Application,
  kind: Kind,
  before: Resource | undefined,
  given: Complex,
  asked: Asked | undefined,
): Complex {
  const change = { kind, before: before === undefined ? undefined : attributesOf(before), asked };
  return app.habits
    .toReversed()
    .reduce((attributes, { store }) => store?.(attributes, change, app) ?? attributes, given);
}

function keep(
  app: Application,
  kind: Kind,
  id: string,
  attributes: Complex,
  times: { created: string; lastModified: string },
): Resource {
  const type = app.types[kind];
  const resource: Resource = {
    schemas: [
      type.schema.id,
      ...type.extensions.flatMap((extension) => (attributes[extension.id] === undefined ? [] : [extension.id])),
    ],
    id,
    ...attributes,
    meta: {
      resourceType: kind,
      ...times,
      location: locationOf(app, kind, id),
      ...(app.rules.etags ? { version: `W/"${app.contents.nextVersion()}"` } : {}),
    },
  };
  app.contents.put(kind, resource);
  return resource;
}

const locationOf = (app: Application, kind: Kind, id: string): string =>
  `${app.url}${app.types[kind].endpoint}/${encodeURIComponent(id)}`;
