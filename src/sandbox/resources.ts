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
import { withMember, type Complex, type Resource } from './resource.ts';
import { badRequest, ScimError } from './scim-error.ts';
import { resourceTypes } from './schema/resource-type.ts';

/** @throws ScimError 404 */
export function find(app: Application, kind: Kind, id: string): Resource {
  const found = app.contents.get(kind, id);
  if (found === undefined) throw new ScimError(404, `There is no ${kind} with id ${JSON.stringify(id)}.`);
  return found;
}

/** RFC 7644 section 3.3. @param id given by a seed; otherwise a new one is made. @throws ScimError 400, 409 */
export function create(app: Application, kind: Kind, body: Json, id: string = randomUUID()): Resource {
  const attributes = completed(app, kind, undefined, acceptResource(resourceTypes[kind], body, app.rules.strictSchema));
  const now = isoTime(app.now());
  return keep(app, kind, id, attributes, { created: now, lastModified: now });
}

/** RFC 7644 section 3.5.1: attributes that are not given become unassigned. @throws ScimError 400, 409 */
export function replace(app: Application, kind: Kind, before: Resource, body: Json): Resource {
  const attributes = completed(app, kind, before, acceptResource(resourceTypes[kind], body, app.rules.strictSchema));
  return keep(app, kind, before.id, attributes, { created: before.meta.created, lastModified: isoTime(app.now()) });
}

/** RFC 7644 section 3.5.2: all operations or none; the same resource when they change nothing. @throws ScimError 400, 409 */
export function patch(app: Application, kind: Kind, before: Resource, message: Json): Resource {
  const edits = readEdits(resourceTypes[kind], before.id, message, app.rules.strictSchema);
  const attributes = attributesOf(before);
  const after = applyEdits(attributes, edits, app.rules);
  if (after === attributes) return before;
  return keep(app, kind, before.id, completed(app, kind, before, after), { created: before.meta.created, lastModified: isoTime(app.now()) });
}

/** RFC 7644 section 3.6. */
export function remove(app: Application, kind: Kind, id: string): void {
  const groups = app.rules.deletionEndsMemberships ? [...app.contents.groupsOf(id)] : [];
  app.contents.delete(kind, id);
  for (const group of groups) {
    if (group.id === id) continue;
    const members = (group['members'] as readonly Complex[]).filter((member) => member['value'] !== id);
    const attributes = withMember(attributesOf(group), 'members', members.length === 0 ? undefined : members);
    keep(app, 'Group', group.id, attributes, { created: group.meta.created, lastModified: isoTime(app.now()) });
  }
}

function attributesOf(resource: Resource): Complex {
  const { schemas: _schemas, id: _id, meta: _meta, ...attributes } = resource;
  return attributes;
}

/** The attributes with what this application adds, once they are known to be whole and to point to something. */
function completed(app: Application, kind: Kind, before: Resource | undefined, attributes: Complex): Complex {
  const type = resourceTypes[kind];
  for (const definition of type.attributes) {
    const value = attributes[definition.name];
    if (definition.required && (value === undefined || (typeof value === 'string' && value.trim() === ''))) {
      throw badRequest('invalidValue', `${definition.name} is required.`);
    }
    if (Array.isArray(value)) settlePrimary(definition, [], value);
  }
  if (kind === 'Group') return resolveMembers(attributes, app.contents, (endpoint, id) => locationOf(app, endpoint, id), app.rules);
  checkManager(before, attributes, app.contents);
  return attributes['active'] === undefined ? { ...attributes, active: true } : attributes;
}

function keep(app: Application, kind: Kind, id: string, attributes: Complex, times: { created: string; lastModified: string }): Resource {
  const type = resourceTypes[kind];
  const resource: Resource = {
    schemas: [type.schema.id, ...type.extensions.flatMap((extension) => (attributes[extension.id] === undefined ? [] : [extension.id]))],
    id,
    ...attributes,
    meta: {
      resourceType: kind,
      ...times,
      location: locationOf(app, type.endpoint, id),
      ...(app.rules.etags ? { version: `W/"${app.contents.nextVersion()}"` } : {}),
    },
  };
  app.contents.put(kind, resource);
  return resource;
}

const locationOf = (app: Application, endpoint: string, id: string): string => `${app.url}${endpoint}/${encodeURIComponent(id)}`;
