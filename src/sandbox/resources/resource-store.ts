import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import { createMembershipIndex } from './membership-index.ts';
import type { Complex, Resource } from './resource.ts';
import type { ServerOptions } from '../server-options.ts';
import { ScimError } from '../http/scim-error.ts';
import { createUniqueIndex, type UniqueIndex } from './unique-index.ts';

/** Resources by id, in order of creation, with indexes on unique attributes and members. */
export interface ResourceStore {
  get(resourceType: ResourceType, id: string): Resource | undefined;
  /** The type of the resource with this id. */
  resourceTypeOf(id: string): ResourceType | undefined;
  all(resourceType: ResourceType): Iterable<Resource>;
  size(resourceType: ResourceType): number;
  /** Whether the attribute is unique, so that `findUnique` supports it. */
  isUnique(resourceType: ResourceType, attribute: string): boolean;
  /** Several resources have a unique value only if they were copied with it. */
  findUnique(resourceType: ResourceType, attribute: string, value: string): readonly Resource[];
  /** Groups that have this id as a direct member. */
  groupsOf(id: string): Iterable<Resource>;
  /** Adds or replaces a resource. @throws ScimError 409 uniqueness, without a change */
  put(resourceType: ResourceType, resource: Resource): void;
  /** Adds a resource of another application, which may share unique values with others. */
  putCopy(resourceType: ResourceType, resource: Resource): void;
  delete(resourceType: ResourceType, id: string): void;
  /** A new version number, unique across all resources. */
  nextVersion(): number;
}

const identity = (value: string): string => value;
const toLowerCase = (value: string): string => value.toLowerCase();

/** Stores users and groups in memory; each change gives the resource a new version. */
export function createResourceStore({
  uniqueUserNames,
  uniqueExternalIds,
  uniqueDisplayNames,
}: Pick<ServerOptions, 'uniqueUserNames' | 'uniqueExternalIds' | 'uniqueDisplayNames'>): ResourceStore {
  const resources: Record<ResourceType, Map<string, Resource>> = { User: new Map(), Group: new Map() };
  const memberships = createMembershipIndex();
  let version = 0;
  const externalIdIndex = (): readonly UniqueIndex[] =>
    uniqueExternalIds ? [createUniqueIndex('externalId', identity)] : [];
  const uniqueIndexes: Record<ResourceType, readonly UniqueIndex[]> = {
    User: [...(uniqueUserNames ? [createUniqueIndex('userName', toLowerCase)] : []), ...externalIdIndex()],
    Group: [...(uniqueDisplayNames ? [createUniqueIndex('displayName', toLowerCase)] : []), ...externalIdIndex()],
  };

  function rejectDuplicates(resourceType: ResourceType, before: Complex | undefined, resource: Resource): void {
    for (const { attribute, owners } of uniqueIndexes[resourceType]) {
      const value = stringOf(resource[attribute]);
      if (value === undefined || value === before?.[attribute]) continue;
      if (owners(value).some((owner) => owner !== resource.id)) {
        throw new ScimError(
          409,
          `Another ${resourceType} has the ${attribute} ${JSON.stringify(value)}.`,
          'uniqueness',
        );
      }
    }
  }

  function updateUniqueIndexes(
    resourceType: ResourceType,
    before: Resource | undefined,
    after: Resource | undefined,
  ): void {
    for (const { attribute, add, remove } of uniqueIndexes[resourceType]) {
      const old = stringOf(before?.[attribute]);
      const value = stringOf(after?.[attribute]);
      if (old === value) continue;
      if (old !== undefined && before !== undefined) remove(old, before.id);
      if (value !== undefined && after !== undefined) add(value, after.id);
    }
  }

  function save(resourceType: ResourceType, resource: Resource): void {
    const before = resources[resourceType].get(resource.id);
    updateUniqueIndexes(resourceType, before, resource);
    if (resourceType === 'Group') memberships.update(resource.id, before?.['members'], resource['members']);
    resources[resourceType].set(resource.id, resource);
  }

  return {
    get: (resourceType, id) => resources[resourceType].get(id),
    resourceTypeOf: (id) => resourceTypes.find((resourceType) => resources[resourceType].has(id)),
    all: (resourceType) => resources[resourceType].values(),
    size: (resourceType) => resources[resourceType].size,
    isUnique: (resourceType, attribute) => uniqueIndexes[resourceType].some((each) => each.attribute === attribute),
    findUnique(resourceType, attribute, value) {
      const index = uniqueIndexes[resourceType].find((each) => each.attribute === attribute);
      return index?.owners(value).flatMap((id) => resources[resourceType].get(id) ?? []) ?? [];
    },
    groupsOf: (id) => [...memberships.groupsOf(id)].flatMap((group) => resources.Group.get(group) ?? []),
    put(resourceType, resource) {
      rejectDuplicates(resourceType, resources[resourceType].get(resource.id), resource);
      save(resourceType, resource);
    },
    putCopy: save,
    delete(resourceType, id) {
      const before = resources[resourceType].get(id);
      updateUniqueIndexes(resourceType, before, undefined);
      if (resourceType === 'Group') memberships.update(id, before?.['members'], undefined);
      resources[resourceType].delete(id);
    },
    nextVersion: () => (version += 1),
  };
}

const stringOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
