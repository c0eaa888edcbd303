import { ScimError } from './scim-error.ts';
import { applyPatch } from './patch.ts';
import {
  validateResource,
  coreGroup,
  coreUser,
  enterprise,
  isObject,
  type ResourceType,
  type Resource,
} from './schema.ts';
import type { StrictOptions } from './strict-server.ts';

export interface Stored {
  readonly id: string;
  /** 1 after the creation, incremented by each change. */
  readonly version: number;
  readonly data: Resource;
}

export interface ResourceStore {
  readonly users: ReadonlyMap<string, Stored>;
  readonly groups: ReadonlyMap<string, Stored>;
  get(resourceType: ResourceType, id: string): Stored;
  create(resourceType: ResourceType, body: unknown): Stored;
  replace(resourceType: ResourceType, id: string, body: unknown): Stored;
  patch(resourceType: ResourceType, id: string, body: unknown): Stored;
  remove(resourceType: ResourceType, id: string): void;
}

/** Resources in memory, with the rules of uniqueness and references. A method that throws ScimError changes nothing. */
export function createResourceStore(options: StrictOptions): ResourceStore {
  const users = new Map<string, Stored>();
  const groups = new Map<string, Stored>();
  const unique = uniqueness(options);
  let createdCount = 0;
  const of = (resourceType: ResourceType): Map<string, Stored> => (resourceType === 'User' ? users : groups);

  function get(resourceType: ResourceType, id: string): Stored {
    const stored = of(resourceType).get(id);
    if (stored === undefined) throw new ScimError(404, `${resourceType} ${id} does not exist`);
    return stored;
  }

  function put(resourceType: ResourceType, id: string, versionBefore: number, data: Resource): Stored {
    if (resourceType === 'User' && typeof data['userName'] !== 'string')
      throw new ScimError(400, 'userName is required', 'invalidValue');
    if (resourceType === 'User' && data['userName'] === '')
      throw new ScimError(400, 'userName must not be empty', 'invalidValue');
    if (resourceType === 'Group' && typeof data['displayName'] !== 'string')
      throw new ScimError(400, 'displayName is required', 'invalidValue');
    checkReferences(resourceType, id, data);
    unique.reserve(resourceType, id, data);
    const stored = { id, version: versionBefore + 1, data };
    of(resourceType).set(id, stored);
    return stored;
  }

  function checkReferences(resourceType: ResourceType, id: string, data: Resource): void {
    const managerOf = (extension: unknown): unknown =>
      isObject(extension) && isObject(extension['manager']) ? extension['manager']['value'] : undefined;
    const manager = managerOf(data[enterprise]);
    const isUnchanged = resourceType === 'User' && manager === managerOf(users.get(id)?.data[enterprise]);
    if (manager !== undefined && !isUnchanged && !users.has(String(manager)))
      throw new ScimError(400, `manager ${String(manager)} does not exist`, 'invalidValue');
    if (resourceType === 'User') return;
    const before = new Set(((groups.get(id)?.data['members'] ?? []) as Resource[]).map((member) => member['value']));
    for (const member of (data['members'] ?? []) as Resource[]) {
      const value = String(member['value']);
      // A deleted user stays a member or manager until a client removes the reference. No client can add the reference.
      if (!users.has(value) && !groups.has(value) && !before.has(value))
        throw new ScimError(400, `member ${value} does not exist`, 'invalidValue');
      if (value === id) throw new ScimError(400, 'a group cannot be its own member', 'invalidValue');
    }
  }

  function remove(resourceType: ResourceType, id: string): void {
    const stored = get(resourceType, id);
    of(resourceType).delete(id);
    unique.release(resourceType, stored);
    if (options.deletionEndsMemberships !== true) return;
    for (const group of groups.values()) {
      const members = (group.data['members'] ?? []) as Resource[];
      const remaining = members.filter((member) => member['value'] !== id);
      if (remaining.length < members.length)
        groups.set(group.id, { ...group, version: group.version + 1, data: { ...group.data, members: remaining } });
    }
  }

  return {
    users,
    groups,
    get,
    remove,
    create: (resourceType, body) => {
      const schemas = [
        resourceType === 'User' ? coreUser : coreGroup,
        ...(isObject(body) && enterprise in body ? [enterprise] : []),
      ];
      const data = validateResource(
        resourceType,
        isObject(body) && body['schemas'] === undefined ? { schemas, ...body } : body,
      );
      const id = `${resourceType === 'User' ? 'u' : 'g'}-${(createdCount + 1).toString(36)}`;
      const stored = put(resourceType, id, 0, data);
      createdCount += 1;
      return stored;
    },
    replace: (resourceType, id, body) =>
      put(resourceType, id, get(resourceType, id).version, validateResource(resourceType, body)),
    patch: (resourceType, id, body) => {
      const { data, version } = get(resourceType, id);
      const rules = {
        absentMemberIsNoTarget: options.absentMemberIsNoTarget ?? true,
        refuseDuplicateMembers: options.refuseDuplicateMembers ?? false,
      };
      return put(resourceType, id, version, applyPatch(resourceType, data, body, rules));
    },
  };
}

interface Uniqueness {
  /** @throws ScimError 409 */
  reserve(resourceType: ResourceType, id: string, data: Resource): void;
  release(resourceType: ResourceType, stored: Stored): void;
}

function uniqueness(options: StrictOptions): Uniqueness {
  const owners = new Map<string, string>();
  const namesOf = new Map<string, readonly string[]>();
  const uniqueValues = (resourceType: ResourceType, data: Resource): string[] => {
    const values: string[] = [];
    if (resourceType === 'User' && options.uniqueUserNames !== false)
      values.push(`userName ${String(data['userName']).toLowerCase()}`);
    if (resourceType === 'Group' && options.uniqueDisplayNames !== false)
      values.push(`displayName ${String(data['displayName']).toLowerCase()}`);
    if (options.uniqueExternalIds === true && data['externalId'] !== undefined)
      values.push(`${resourceType} externalId ${String(data['externalId'])}`);
    return values;
  };
  return {
    reserve(resourceType, id, data) {
      const values = uniqueValues(resourceType, data);
      const conflicting = values.find((value) => (owners.get(value) ?? id) !== id);
      if (conflicting !== undefined) throw new ScimError(409, `another resource has ${conflicting}`, 'uniqueness');
      for (const value of namesOf.get(id) ?? []) owners.delete(value);
      for (const value of values) owners.set(value, id);
      namesOf.set(id, values);
    },
    release(_resourceType, { id }) {
      for (const value of namesOf.get(id) ?? []) owners.delete(value);
      namesOf.delete(id);
    },
  };
}

/** ListResponse with index paging and filters of `eq` and `and` (RFC 7644 section 3.4.2). */
export function listResponse(
  store: ResourceStore,
  resourceType: ResourceType,
  query: URLSearchParams,
  options: StrictOptions,
): object {
  const all = [...(resourceType === 'User' ? store.users : store.groups).values()];
  const filter = query.get('filter');
  const matching = filter === null || options.ignoreFilters === true ? all : all.filter(filterBy(filter));
  const start = Math.max(1, integerParameter(query, 'startIndex', 1));
  const limit = options.pageLimit ?? 100;
  const count = Math.min(Math.max(0, integerParameter(query, 'count', limit)), limit);
  const page = matching.slice(start - 1, start - 1 + count);
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: matching.length,
    startIndex: start,
    itemsPerPage: page.length,
    Resources: page.map((stored) => renderResource(resourceType, stored, query)),
  };
}

function integerParameter(query: URLSearchParams, name: string, defaultValue: number): number {
  const text = query.get(name);
  if (text === null) return defaultValue;
  if (!/^-?\d+$/.test(text)) throw new ScimError(400, `${name} must be a whole number`, 'invalidValue');
  return Number(text);
}

const searchable = ['id', 'userName', 'externalId', 'displayName'];

function filterBy(filter: string): (stored: Stored) => boolean {
  const tests = filter.split(/ and /i).map((text) => {
    const match = /^\s*\(?\s*([\w:.]+) eq ("(?:[^"\\]|\\.)*")\s*\)?\s*$/i.exec(text);
    const name = searchable.find((known) => known.toLowerCase() === match?.[1]?.toLowerCase());
    if (match === null || name === undefined) throw new ScimError(400, `cannot filter by ${text}`, 'invalidFilter');
    const expected = JSON.parse(match[2] ?? '""') as string;
    const exact = name === 'id' || name === 'externalId';
    return ({ id, data }: Stored): boolean => {
      const actual = name === 'id' ? id : data[name];
      if (typeof actual !== 'string') return false;
      return exact ? actual === expected : actual.toLowerCase() === expected.toLowerCase();
    };
  });
  return (stored) => tests.every((matches) => matches(stored));
}

/** The resource in a response. `attributes` and `excludedAttributes` select whole attributes, no sub-attributes. */
export function renderResource(
  resourceType: ResourceType,
  { id, version, data }: Stored,
  query: URLSearchParams,
): Resource {
  const schemas = [
    resourceType === 'User' ? coreUser : coreGroup,
    ...(data[enterprise] === undefined ? [] : [enterprise]),
  ];
  const resource: Resource = { schemas, id, ...data, meta: { resourceType, version: `W/"${version}"` } };
  const top = (text: string): string =>
    (text.toLowerCase().startsWith(enterprise.toLowerCase())
      ? enterprise
      : (/^[^.[]+/.exec(text)?.[0] ?? text)
    ).toLowerCase();
  const names = (parameter: string): string[] | undefined =>
    query
      .get(parameter)
      ?.split(',')
      .map((text) => top(text.trim()));
  const included = names('attributes');
  const excluded = names('excludedAttributes') ?? [];
  const selected = Object.entries(resource).filter(([name]) => {
    const lower = name.toLowerCase();
    return (
      lower === 'id' ||
      lower === 'schemas' ||
      ((included === undefined || included.includes(lower)) && !excluded.includes(lower))
    );
  });
  return Object.fromEntries(selected);
}
