import { kinds, type Kind } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import { createMemberships } from './memberships.ts';
import type { Complex, Resource } from './resource.ts';
import type { Rules } from './rules.ts';
import { ScimError } from './scim-error.ts';

/** What the application holds: resources by id, in the order of their creation, and the indexes that keep it quick. */
export interface Contents {
  get(kind: Kind, id: string): Resource | undefined;
  /** The kind of resource that has this id. */
  kindOf(id: string): Kind | undefined;
  all(kind: Kind): Iterable<Resource>;
  size(kind: Kind): number;
  /** Whether no two resources of this kind may share the attribute, so that `ownerOf` answers for it. */
  isUnique(kind: Kind, attribute: string): boolean;
  ownerOf(kind: Kind, attribute: string, value: string): Resource | undefined;
  /** Groups of which this id is a direct member. */
  groupsOf(id: string): Iterable<Resource>;
  /** Adds or replaces. @throws ScimError 409 uniqueness, and nothing is changed */
  put(kind: Kind, resource: Resource): void;
  delete(kind: Kind, id: string): void;
  /** A number that no version of any resource had before. */
  nextVersion(): number;
}

interface UniqueIndex {
  readonly attribute: string;
  readonly fold: (value: string) => string;
  readonly owners: Map<string, string>;
}

const asItIs = (value: string): string => value;
const withoutCase = (value: string): string => value.toLowerCase();

export function createContents({
  uniqueUserNames,
  uniqueDisplayNames,
}: Pick<Rules, 'uniqueUserNames' | 'uniqueDisplayNames'>): Contents {
  const resources: Record<Kind, Map<string, Resource>> = { User: new Map(), Group: new Map() };
  const memberships = createMemberships();
  let version = 0;
  const unique: Record<Kind, readonly UniqueIndex[]> = {
    User: [...(uniqueUserNames ? [index('userName', withoutCase)] : []), index('externalId', asItIs)],
    Group: [...(uniqueDisplayNames ? [index('displayName', withoutCase)] : []), index('externalId', asItIs)],
  };

  function refuseDuplicates(kind: Kind, resource: Resource): void {
    for (const { attribute, fold, owners } of unique[kind]) {
      const value = textOf(resource[attribute]);
      const owner = value === undefined ? undefined : owners.get(fold(value));
      if (owner !== undefined && owner !== resource.id) {
        throw new ScimError(409, `There is another ${kind} with ${attribute} ${JSON.stringify(value)}.`, 'uniqueness');
      }
    }
  }

  function indexUnique(kind: Kind, before: Complex | undefined, after: Resource | undefined): void {
    for (const { attribute, fold, owners } of unique[kind]) {
      const old = textOf(before?.[attribute]);
      const value = textOf(after?.[attribute]);
      if (old === value) continue;
      if (old !== undefined) owners.delete(fold(old));
      if (value !== undefined && after !== undefined) owners.set(fold(value), after.id);
    }
  }

  return {
    get: (kind, id) => resources[kind].get(id),
    kindOf: (id) => kinds.find((kind) => resources[kind].has(id)),
    all: (kind) => resources[kind].values(),
    size: (kind) => resources[kind].size,
    isUnique: (kind, attribute) => unique[kind].some((each) => each.attribute === attribute),
    ownerOf(kind, attribute, value) {
      const found = unique[kind].find((each) => each.attribute === attribute);
      const id = found?.owners.get(found.fold(value));
      return id === undefined ? undefined : resources[kind].get(id);
    },
    groupsOf: (id) => [...memberships.groupsOf(id)].flatMap((group) => resources.Group.get(group) ?? []),
    put(kind, resource) {
      refuseDuplicates(kind, resource);
      const before = resources[kind].get(resource.id);
      indexUnique(kind, before, resource);
      if (kind === 'Group') memberships.change(resource.id, before?.['members'], resource['members']);
      resources[kind].set(resource.id, resource);
    },
    delete(kind, id) {
      const before = resources[kind].get(id);
      indexUnique(kind, before, undefined);
      if (kind === 'Group') memberships.change(id, before?.['members'], undefined);
      resources[kind].delete(id);
    },
    nextVersion: () => (version += 1),
  };
}

const index = (attribute: string, fold: (value: string) => string): UniqueIndex => ({
  attribute,
  fold,
  owners: new Map(),
});

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
