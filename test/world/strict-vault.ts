import { Refusal } from './scim-error.ts';
import { patched } from './strict-patch.ts';
import { accept, coreGroup, coreUser, enterprise, isObject, type Kind, type Resource } from './strict-schema.ts';
import type { StrictOptions } from './strict-server.ts';

export interface Stored {
  readonly id: string;
  /** Counts its changes, from 1. */
  readonly version: number;
  readonly data: Resource;
}

export interface Vault {
  readonly users: ReadonlyMap<string, Stored>;
  readonly groups: ReadonlyMap<string, Stored>;
  get(kind: Kind, id: string): Stored;
  create(kind: Kind, body: unknown): Stored;
  replace(kind: Kind, id: string, body: unknown): Stored;
  patch(kind: Kind, id: string, body: unknown): Stored;
  remove(kind: Kind, id: string): void;
}

/** The application's memory with all its rules of uniqueness and reference. Everything throws Refusal and changes nothing then. */
export function vault(options: StrictOptions): Vault {
  const users = new Map<string, Stored>();
  const groups = new Map<string, Stored>();
  const unique = uniqueness(options);
  let made = 0;
  const of = (kind: Kind): Map<string, Stored> => (kind === 'User' ? users : groups);

  function get(kind: Kind, id: string): Stored {
    const stored = of(kind).get(id);
    if (stored === undefined) throw new Refusal(404, `${kind} ${id} is not here`);
    return stored;
  }

  function put(kind: Kind, id: string, versionBefore: number, data: Resource): Stored {
    if (kind === 'User' && typeof data['userName'] !== 'string')
      throw new Refusal(400, 'userName is required', 'invalidValue');
    if (kind === 'User' && data['userName'] === '')
      throw new Refusal(400, 'userName must not be empty', 'invalidValue');
    if (kind === 'Group' && typeof data['displayName'] !== 'string')
      throw new Refusal(400, 'displayName is required', 'invalidValue');
    checkReferences(kind, id, data);
    unique.claim(kind, id, data);
    const stored = { id, version: versionBefore + 1, data };
    of(kind).set(id, stored);
    return stored;
  }

  function checkReferences(kind: Kind, id: string, data: Resource): void {
    const managerOf = (extension: unknown): unknown =>
      isObject(extension) && isObject(extension['manager']) ? extension['manager']['value'] : undefined;
    const manager = managerOf(data[enterprise]);
    const stays = kind === 'User' && manager === managerOf(users.get(id)?.data[enterprise]);
    if (manager !== undefined && !stays && !users.has(String(manager)))
      throw new Refusal(400, `manager ${String(manager)} is not here`, 'invalidValue');
    if (kind === 'User') return;
    const before = new Set(((groups.get(id)?.data['members'] ?? []) as Resource[]).map((member) => member['value']));
    for (const member of (data['members'] ?? []) as Resource[]) {
      const value = String(member['value']);
      // Whoever was deleted meanwhile stays as member and manager until somebody changes that; nobody can add one.
      if (!users.has(value) && !groups.has(value) && !before.has(value))
        throw new Refusal(400, `member ${value} is not here`, 'invalidValue');
      if (value === id) throw new Refusal(400, 'a group cannot be its own member', 'invalidValue');
    }
  }

  function remove(kind: Kind, id: string): void {
    const stored = get(kind, id);
    of(kind).delete(id);
    unique.free(kind, stored);
    if (options.deletionEndsMemberships !== true) return;
    for (const group of groups.values()) {
      const members = (group.data['members'] ?? []) as Resource[];
      const rest = members.filter((member) => member['value'] !== id);
      if (rest.length < members.length)
        groups.set(group.id, { ...group, version: group.version + 1, data: { ...group.data, members: rest } });
    }
  }

  return {
    users,
    groups,
    get,
    remove,
    create: (kind, body) => {
      const schemas = [
        kind === 'User' ? coreUser : coreGroup,
        ...(isObject(body) && enterprise in body ? [enterprise] : []),
      ];
      const data = accept(kind, isObject(body) && body['schemas'] === undefined ? { schemas, ...body } : body);
      const id = `${kind === 'User' ? 'u' : 'g'}-${(made + 1).toString(36)}`;
      const stored = put(kind, id, 0, data);
      made += 1;
      return stored;
    },
    replace: (kind, id, body) => put(kind, id, get(kind, id).version, accept(kind, body)),
    patch: (kind, id, body) => {
      const { data, version } = get(kind, id);
      const rules = {
        absentMemberIsNoTarget: options.absentMemberIsNoTarget ?? true,
        refuseDuplicateMembers: options.refuseDuplicateMembers ?? false,
      };
      return put(kind, id, version, patched(kind, data, body, rules));
    },
  };
}

interface Uniqueness {
  /** @throws Refusal 409 */
  claim(kind: Kind, id: string, data: Resource): void;
  free(kind: Kind, stored: Stored): void;
}

function uniqueness(options: StrictOptions): Uniqueness {
  const owners = new Map<string, string>();
  const heldBy = new Map<string, readonly string[]>();
  const claims = (kind: Kind, data: Resource): string[] => {
    const wanted: string[] = [];
    if (kind === 'User' && options.uniqueUserNames !== false)
      wanted.push(`userName ${String(data['userName']).toLowerCase()}`);
    if (kind === 'Group' && options.uniqueDisplayNames !== false)
      wanted.push(`displayName ${String(data['displayName']).toLowerCase()}`);
    if (options.uniqueExternalIds === true && data['externalId'] !== undefined)
      wanted.push(`${kind} externalId ${String(data['externalId'])}`);
    return wanted;
  };
  return {
    claim(kind, id, data) {
      const wanted = claims(kind, data);
      const taken = wanted.find((claim) => (owners.get(claim) ?? id) !== id);
      if (taken !== undefined) throw new Refusal(409, `somebody else has ${taken}`, 'uniqueness');
      for (const claim of heldBy.get(id) ?? []) owners.delete(claim);
      for (const claim of wanted) owners.set(claim, id);
      heldBy.set(id, wanted);
    },
    free(_kind, { id }) {
      for (const claim of heldBy.get(id) ?? []) owners.delete(claim);
      heldBy.delete(id);
    },
  };
}

/** A list answer: filters with `eq` and `and`, index paging from 1 (RFC 7644 section 3.4.2). */
export function listed(store: Vault, kind: Kind, query: URLSearchParams, options: StrictOptions): object {
  const all = [...(kind === 'User' ? store.users : store.groups).values()];
  const filter = query.get('filter');
  const matching = filter === null || options.ignoreFilters === true ? all : all.filter(filterBy(filter));
  const start = Math.max(1, whole(query, 'startIndex', 1));
  const limit = options.pageLimit ?? 100;
  const count = Math.min(Math.max(0, whole(query, 'count', limit)), limit);
  const page = matching.slice(start - 1, start - 1 + count);
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: matching.length,
    startIndex: start,
    itemsPerPage: page.length,
    Resources: page.map((stored) => shown(kind, stored, query)),
  };
}

function whole(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^-?\d+$/.test(text)) throw new Refusal(400, `${name} must be a whole number`, 'invalidValue');
  return Number(text);
}

const searchable = ['id', 'userName', 'externalId', 'displayName'];

function filterBy(filter: string): (stored: Stored) => boolean {
  const tests = filter.split(/ and /i).map((text) => {
    const match = /^\s*\(?\s*([\w:.]+) eq ("(?:[^"\\]|\\.)*")\s*\)?\s*$/i.exec(text);
    const name = searchable.find((known) => known.toLowerCase() === match?.[1]?.toLowerCase());
    if (match === null || name === undefined) throw new Refusal(400, `cannot filter by ${text}`, 'invalidFilter');
    const wanted = JSON.parse(match[2] ?? '""') as string;
    const exact = name === 'id' || name === 'externalId';
    return ({ id, data }: Stored): boolean => {
      const actual = name === 'id' ? id : data[name];
      if (typeof actual !== 'string') return false;
      return exact ? actual === wanted : actual.toLowerCase() === wanted.toLowerCase();
    };
  });
  return (stored) => tests.every((matches) => matches(stored));
}

/** The resource as it is answered, with `attributes` and `excludedAttributes` obeyed for whole attributes. */
export function shown(kind: Kind, { id, version, data }: Stored, query: URLSearchParams): Resource {
  const schemas = [kind === 'User' ? coreUser : coreGroup, ...(data[enterprise] === undefined ? [] : [enterprise])];
  const whole: Resource = { schemas, id, ...data, meta: { resourceType: kind, version: `W/"${version}"` } };
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
  const only = names('attributes');
  const without = names('excludedAttributes') ?? [];
  const kept = Object.entries(whole).filter(([name]) => {
    const lower = name.toLowerCase();
    return (
      lower === 'id' ||
      lower === 'schemas' ||
      ((only === undefined || only.includes(lower)) && !without.includes(lower))
    );
  });
  return Object.fromEntries(kept);
}
