import type { Edit } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import { formatPath } from '../../model/path.ts';
import { isComplex, textOf, type Complex, type Resource } from '../../sandbox/resources/resource.ts';

/** How one user or group differs from what the double held before. */
export interface Difference {
  readonly kind: 'created' | 'changed' | 'deleted';
  readonly resourceType: ResourceType;
  readonly id: string;
  /** userName or displayName. */
  readonly name: string;
  /** Attributes path by path; of a deleted one, none. */
  readonly changes: readonly Edit[];
  /** Ids of members. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/**
 * Compares what a double holds with what it held before. A change replaces the object of a resource, so the others cost
 * nothing.
 */
export function* differences(
  resourceType: ResourceType,
  before: ReadonlyMap<string, Resource>,
  after: ReadonlyMap<string, Resource>,
): Generator<Difference> {
  for (const resource of after.values()) {
    const old = before.get(resource.id);
    if (old === resource) continue;
    const found = difference(resourceType, old, resource);
    if (old === undefined || found.changes.length + found.removed.length + found.added.length > 0) yield found;
  }
  for (const [id, old] of before)
    if (!after.has(id))
      yield { kind: 'deleted', resourceType, id, name: nameOf(old), changes: [], removed: [], added: [] };
}

function difference(resourceType: ResourceType, before: Resource | undefined, after: Resource): Difference {
  const [old, now] = [valuesByPath(before), valuesByPath(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  const [oldMembers, newMembers] = [memberIds(before), memberIds(after)];
  return {
    kind: before === undefined ? 'created' : 'changed',
    resourceType,
    id: after.id,
    name: nameOf(after),
    changes: paths
      .map((path): Edit => ({ path, from: old.get(path) ?? null, to: now.get(path) ?? null }))
      .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to)),
    removed: [...oldMembers].filter((id) => !newMembers.has(id)),
    added: [...newMembers].filter((id) => !oldMembers.has(id)),
  };
}

/** userName or displayName. */
export const nameOf = (resource: Resource): string => textOf(resource['userName'] ?? resource['displayName']);

/** The values that a client wrote, by SCIM path. */
function valuesByPath(resource: Resource | undefined): ReadonlyMap<string, Json> {
  if (resource === undefined) return new Map();
  const { schemas: _schemas, id: _id, meta: _meta, members: _members, ...attributes } = resource;
  return new Map(
    Object.entries(attributes).flatMap(([name, value]) =>
      name.startsWith('urn:') && isComplex(value)
        ? Object.entries(value).flatMap(([attribute, inner]) => pathsOf(`${name}:${attribute}`, inner))
        : pathsOf(name, value),
    ),
  );
}

function pathsOf(name: string, value: Json): readonly (readonly [path: string, value: Json])[] {
  if (isComplex(value)) return Object.entries(value).map(([sub, inner]) => [`${name}.${sub}`, inner] as const);
  const elements = Array.isArray(value) ? (value as readonly Json[]).filter(isComplex) : [];
  const types = new Set(elements.map((element) => element['type']).filter((type) => typeof type === 'string'));
  // Types distinguish the elements, unless two have the same or one has none.
  if (elements.length === 0 || types.size < elements.length || !Array.isArray(value) || elements.length < value.length)
    return [[name, value]];
  return elements.flatMap((element) =>
    Object.entries(element)
      .filter(([sub]) => sub !== 'type')
      .map(([sub, inner]) => [typedPath(name, textOf(element['type']), sub), inner] as const),
  );
}

const typedPath = (name: string, type: string, sub: string): string =>
  name + formatPath({ attribute: '', filter: [{ name: 'type', value: type }], subAttribute: sub });

const memberIds = (resource: Resource | undefined): ReadonlySet<string> => {
  const members = resource?.['members'];
  return new Set(Array.isArray(members) ? (members as readonly Complex[]).map(({ value }) => textOf(value)) : []);
};
