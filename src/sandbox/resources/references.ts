import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import type { ResourceStore } from './resource-store.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';
import { isComplex, textOf, withMember, type Complex } from './resource.ts';
import type { ServerOptions } from '../server-options.ts';
import { badRequest } from '../http/scim-error.ts';

/** The options that concern references between resources. */
export type ReferenceOptions = Pick<ServerOptions, 'unknownMembers'>;

/** The URI of a resource. */
export type LocationOf = (resourceType: ResourceType, id: string) => string;

/**
 * Completes the members of a group with `type` and `$ref`, and removes duplicates.
 * @throws ScimError 400 invalidValue for an id that belongs to no resource, if `unknownMembers` is `refuse`
 */
export function resolveMembers(
  attributes: Complex,
  store: ResourceStore,
  locationOf: LocationOf,
  options: ReferenceOptions,
): Complex {
  const members = attributes['members'];
  if (!Array.isArray(members)) return attributes;
  const seenIds = new Set<string>();
  const resolved: Json[] = [];
  for (const member of members as readonly Complex[]) {
    const id = textOf(member['value']);
    // Clients cannot set `$ref`: a member that has it was resolved before.
    if (member['$ref'] !== undefined) resolved.push(member);
    else if (!seenIds.has(id)) {
      seenIds.add(id);
      const resourceType = store.resourceTypeOf(id);
      if (resourceType !== undefined)
        resolved.push({ ...member, type: resourceType, $ref: locationOf(resourceType, id) });
      else if (options.unknownMembers === 'keep') resolved.push(member);
      else if (options.unknownMembers === 'refuse') {
        throw badRequest('invalidValue', `The member ${JSON.stringify(id)} is not the id of a user or group.`);
      }
    }
  }
  return withMember(attributes, 'members', resolved.length === 0 ? undefined : resolved);
}

/**
 * Checks a changed manager. An unchanged one may have been deleted since.
 * @throws ScimError 400 invalidValue if the manager is not a user
 */
export function checkManager(
  type: ResourceTypeDefinition,
  before: Complex | undefined,
  after: Complex,
  store: ResourceStore,
): void {
  const manager = managerOf(type, after);
  if (manager === undefined || manager === managerOf(type, before)) return;
  if (store.get('User', manager) === undefined) {
    throw badRequest('invalidValue', `manager.value ${JSON.stringify(manager)} is not the id of a user.`);
  }
}

function managerOf(
  { extensions: [enterprise] }: ResourceTypeDefinition,
  attributes: Complex | undefined,
): string | undefined {
  const extension = enterprise === undefined ? undefined : attributes?.[enterprise.id];
  const manager = isComplex(extension) ? extension['manager'] : undefined;
  const value = isComplex(manager) ? manager['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}
