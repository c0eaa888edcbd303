import { randomUUID } from 'node:crypto';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import { formatTime } from '../../model/time.ts';
import { validateResource } from './validate-resource.ts';
import type { Application } from '../behaviours/behaviour.ts';
import { applyEdits } from '../patch/apply.ts';
import { parseEdits } from '../patch/edits.ts';
import { enforceSinglePrimary } from '../patch/values.ts';
import { checkManager, resolveMembers } from './references.ts';
import type { ScimRequest } from '../http/request.ts';
import { withMember, type Complex, type Resource } from './resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';

/** @throws ScimError 404 */
export function findResource(app: Application, resourceType: ResourceType, id: string): Resource {
  const resource = app.store.get(resourceType, id);
  if (resource === undefined) throw notFound(resourceType, id);
  return resource;
}

/** The error 404 for an id that does not exist, RFC 7644 section 3.12. */
export const notFound = (resourceType: ResourceType, id: string): ScimError =>
  new ScimError(404, `There is no ${resourceType} with id ${JSON.stringify(id)}.`);

/** Creates a resource (RFC 7644 section 3.3). @param id by default a new UUID. @throws ScimError 400, 409 */
export function create(
  app: Application,
  resourceType: ResourceType,
  body: Json,
  request?: ScimRequest,
  id: string = randomUUID(),
): Resource {
  const attributes = completeAttributes(
    app,
    resourceType,
    undefined,
    validateResource(app.typeDefinitions[resourceType], body, app.options.strictSchema),
    request,
  );
  const now = formatTime(app.now());
  return save(app, resourceType, id, attributes, { created: now, lastModified: now });
}

/** Replaces a resource (RFC 7644 section 3.5.1): omitted attributes become unassigned. @throws ScimError 400, 409 */
export function replace(
  app: Application,
  resourceType: ResourceType,
  before: Resource,
  body: Json,
  request?: ScimRequest,
): Resource {
  return update(
    app,
    resourceType,
    before,
    completeAttributes(
      app,
      resourceType,
      before,
      validateResource(app.typeDefinitions[resourceType], body, app.options.strictSchema),
      request,
    ),
  );
}

/**
 * Applies all operations or none (RFC 7644 section 3.5.2). Returns the same resource if they change nothing.
 * @throws ScimError 400, 409
 */
export function patch(
  app: Application,
  resourceType: ResourceType,
  before: Resource,
  message: Json,
  request?: ScimRequest,
): Resource {
  const edits = parseEdits(app.typeDefinitions[resourceType], before.id, message, app.options.strictSchema);
  const attributes = attributesOf(before);
  const after = applyEdits(attributes, edits, app.options);
  return after === attributes
    ? before
    : update(app, resourceType, before, completeAttributes(app, resourceType, before, after, request));
}

/** Stores a resource with other attributes and the current time as lastModified. @throws ScimError 409 */
export function update(app: Application, resourceType: ResourceType, before: Resource, attributes: Complex): Resource {
  return save(app, resourceType, before.id, attributes, {
    created: before.meta.created,
    lastModified: formatTime(app.now()),
  });
}

/** Deletes a resource (RFC 7644 section 3.6). */
export function remove(app: Application, resourceType: ResourceType, id: string): void {
  const groups = app.options.deletionEndsMemberships ? [...app.store.groupsOf(id)] : [];
  app.store.delete(resourceType, id);
  for (const group of groups) if (group.id !== id) update(app, 'Group', group, withoutMember(group, id));
}

/** A group's attributes without one of its members. */
export function withoutMember(group: Resource, id: string): Complex {
  const members = (group['members'] as readonly Complex[]).filter((member) => member['value'] !== id);
  return withMember(attributesOf(group), 'members', members.length === 0 ? undefined : members);
}

/** The attributes of a resource without `schemas`, `id` and `meta`. */
export function attributesOf(resource: Resource): Complex {
  const { schemas: _schemas, id: _id, meta: _meta, ...attributes } = resource;
  return attributes;
}

/** Validates required attributes and references, and adds what the server maintains. */
function completeAttributes(
  app: Application,
  resourceType: ResourceType,
  before: Resource | undefined,
  input: Complex,
  request: ScimRequest | undefined,
): Complex {
  const attributes = applyStoreBehaviours(app, resourceType, before, input, request);
  const type = app.typeDefinitions[resourceType];
  for (const definition of type.attributes) {
    const value = attributes[definition.name];
    if (definition.required && (value === undefined || (typeof value === 'string' && value.trim() === ''))) {
      throw badRequest('invalidValue', `${definition.name} is required.`);
    }
    if (Array.isArray(value)) enforceSinglePrimary(definition, [], value);
  }
  if (resourceType === 'Group')
    return resolveMembers(attributes, app.store, (of, id) => locationOf(app, of, id), app.options);
  checkManager(type, before, attributes, app.store);
  return attributes['active'] === undefined ? { ...attributes, active: true } : attributes;
}

function applyStoreBehaviours(
  app: Application,
  resourceType: ResourceType,
  before: Resource | undefined,
  input: Complex,
  request: ScimRequest | undefined,
): Complex {
  const change = {
    resourceType,
    before: before === undefined ? undefined : attributesOf(before),
    request,
  };
  return app.behaviours
    .toReversed()
    .reduce((attributes, { transformStored }) => transformStored?.(attributes, change, app) ?? attributes, input);
}

function save(
  app: Application,
  resourceType: ResourceType,
  id: string,
  attributes: Complex,
  times: { created: string; lastModified: string },
): Resource {
  const type = app.typeDefinitions[resourceType];
  const resource: Resource = {
    schemas: [
      type.schema.id,
      ...type.extensions.flatMap((extension) => (attributes[extension.id] === undefined ? [] : [extension.id])),
    ],
    id,
    ...attributes,
    meta: {
      resourceType,
      ...times,
      location: locationOf(app, resourceType, id),
      ...(app.options.etags ? { version: `W/"${app.store.nextVersion()}"` } : {}),
    },
  };
  app.store.put(resourceType, resource);
  return resource;
}

/** The URI of a resource. */
export const locationOf = (app: Application, resourceType: ResourceType, id: string): string =>
  `${app.url}${app.typeDefinitions[resourceType].endpoint}/${encodeURIComponent(id)}`;
