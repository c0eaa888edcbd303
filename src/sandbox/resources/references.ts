import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import type { ResourceStore } from './resource-store.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';
import { isComplex, textOf, withMember, type Complex } from './resource.ts';
import type { ServerOptions } from '../server-options.ts';
import { badRequest } from '../http/scim-error.ts';

export type ReferenceOptions = Pick<ServerOptions, 'unknownMembers'>;

/** The URI of a resource. */
export type LocationOf = (resourceType: ResourceType, id: string) => string;

/**
 * A group's attributes with every new member looked up: `type` and `$ref` follow from its id, and a member counts once.
 * @throws ScimError 400 invalidValue for an id that is neither a user nor a group, where the rules refuse it
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
    // `$ref` is taken from nobody, so whoever has it was looked up when it came.
    if (member['$ref'] !== undefined) resolved.push(member);
    else if (!seenIds.has(id)) {
      seenIds.add(id);
      const kind = store.resourceTypeOf(id);
      if (kind !== undefined) resolved.push({ ...member, type: kind, $ref: locationOf(kind, id) });
      else if (options.unknownMembers === 'keep') resolved.push(member);
      else if (options.unknownMembers === 'refuse') {
        throw badRequest('invalidValue', `The member ${JSON.stringify(id)} is neither a user nor a group here.`);
      }
    }
  }
  return withMember(attributes, 'members', resolved.length === 0 ? undefined : resolved);
}

/**
 * @param before the attributes before the change: a manager that was deleted since need not be named again
 * @throws ScimError 400 invalidValue where the manager is no user here
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
    throw badRequest('invalidValue', `manager.value ${JSON.stringify(manager)} is not the id of a user here.`);
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
