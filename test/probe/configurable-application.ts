import { toResponse, type Send } from '../../src/scim/transport/message.ts';
import { withDelayedReads } from './delayed-reads.ts';
import type { ServerBehaviour } from './server-behaviour.ts';

type Stored = Record<string, any> & { id: string };
type Operation = { op: string; path?: string; value?: any };

export interface ConfigurableApplication {
  readonly users: Map<string, Stored>;
  readonly groups: Map<string, Stored>;
  /** One "POST /Users" for each request. */
  readonly requests: readonly string[];
  /** Answers a request to any host, in process. */
  readonly send: Send;
}

interface AppRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
}

class HttpError extends Error {
  readonly status: number;
  readonly scimType: string | undefined;
  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export const configurableToken = 'tok-odd-4711-secret';

/** A SCIM application in memory with undocumented behaviour. */
export function createConfigurableApplication(
  behaviour: ServerBehaviour = {},
  token = configurableToken,
): ConfigurableApplication {
  const users = new Map<string, Stored>();
  const groups = new Map<string, Stored>();
  const requests: string[] = [];
  const failedOnce = new Set<string>();
  let count = 0;

  const parseBoolean = (value: unknown): unknown =>
    behaviour.booleans === 'text' && typeof value === 'string' ? value.toLowerCase() === 'true' : value;

  function toStored(endpoint: 'Users' | 'Groups', body: Record<string, any>, id: string, before?: Stored): Stored {
    const stored: Stored = { ...(behaviour.put === 'merges' ? before : {}), ...structuredClone(body), id };
    for (const name of endpoint === 'Users' ? (behaviour.drops ?? []) : []) delete stored[name];
    if (endpoint === 'Users') {
      if (behaviour.lowercases === true) stored['userName'] = String(stored['userName']).toLowerCase();
      if (behaviour.booleans === 'text' && typeof body['active'] === 'boolean' && before !== undefined)
        stored['active'] = before['active'];
      else stored['active'] = behaviour.invites === true ? false : parseBoolean(stored['active'] ?? true);
    }
    for (const [name, value] of Object.entries(stored)) if (value === null) delete stored[name];
    return stored;
  }

  function create(endpoint: 'Users' | 'Groups', body: Record<string, any>): [number, unknown, object?] {
    const all = endpoint === 'Users' ? users : groups;
    const name = endpoint === 'Users' ? 'userName' : 'displayName';
    if (endpoint === 'Groups' && behaviour.groups === 'readOnly') throw new HttpError(403, 'groups are read-only');
    if (endpoint === 'Users') {
      for (const need of behaviour.requires ?? []) {
        if (body[need] !== undefined) continue;
        if (behaviour.storesRejected === true) users.set(String((count += 1)), toStored('Users', body, String(count)));
        throw new HttpError(400, `${need} is missing`);
      }
      for (const path of behaviour.rejects ?? [])
        if (body[path] !== undefined) throw new HttpError(400, 'errors reported by remote server');
    }
    if (typeof body['emails'] === 'number') throw new HttpError(400, 'emails must be a list');
    const other = [...all.values()].find(
      (each) => String(each[name]).toLowerCase() === String(body[name]).toLowerCase(),
    );
    if (other !== undefined && behaviour.inactive?.reactivation === 'create' && other['active'] === false) {
      other['active'] = true;
      return [201, other];
    }
    if (other !== undefined)
      throw new HttpError(behaviour.conflict?.status ?? 409, behaviour.conflict?.detail ?? 'duplicate name');
    const id = String((count += 1));
    const stored = toStored(endpoint, body, id);
    if (endpoint === 'Groups') stored['members'] = checkMembers(stored['members'] ?? []);
    all.set(id, stored);
    if (behaviour.createResponse === 'otherUser') return [201, [...all.values()][0]];
    if (behaviour.createResponse !== undefined)
      return [
        201,
        undefined,
        behaviour.createResponse === 'location'
          ? { location: `https://elsewhere.example/scim/${endpoint}/${id}?x=1` }
          : {},
      ];
    return [201, endpoint === 'Users' ? stored : render(endpoint, stored, new URLSearchParams())];
  }

  function checkMembers(members: any[]): any[] {
    const unknown = members.filter(({ value }) => !users.has(value));
    if (unknown.length > 0 && behaviour.members?.unknown === undefined) throw new HttpError(400, 'unknown member');
    return behaviour.members?.unknown === 'dropped' ? members.filter(({ value }) => users.has(value)) : members;
  }

  function render(endpoint: 'Users' | 'Groups', stored: Stored, query: URLSearchParams): Stored {
    if (endpoint === 'Groups') {
      const { members, ...rest } = stored;
      const visible =
        behaviour.members?.shown === undefined ||
        (behaviour.members.shown === 'attributes' && query.get('attributes') === 'members');
      return (visible ? { ...rest, members } : rest) as Stored;
    }
    if (stored['active'] !== false) return stored;
    if (behaviour.inactive?.read === 'notFound') throw new HttpError(404, 'no such user');
    return behaviour.inactive?.read === 'anonymised' ? { ...stored, userName: 'f00ba4' } : stored;
  }

  function list(endpoint: 'Users' | 'Groups', query: URLSearchParams): unknown {
    if (endpoint === 'Groups' && behaviour.groups === 'none') throw new HttpError(404, 'no groups');
    let rows = [...(endpoint === 'Users' ? users : groups).values()].filter(
      (each) => !(each['active'] === false && behaviour.inactive?.read === 'notFound'),
    );
    const filter = query.get('filter');
    if (filter === null && behaviour.listing === 'refused') throw new HttpError(400, 'filter is required');
    if (filter !== null && behaviour.filters !== 'ignored') rows = search(endpoint, rows, filter);
    const page = (part: Stored[], more: object = {}): unknown => ({
      totalResults: rows.length,
      Resources: part.map((row) => render(endpoint, row, query)),
      ...more,
    });
    const size = Number(query.get('count') ?? 100);
    if (behaviour.listing === 'single') return page(rows);
    if (behaviour.listing === 'cursor') {
      const from = Number(query.get('cursor') ?? 0);
      return page(
        rows.slice(from, from + size),
        query.has('cursor') && from + size < rows.length ? { nextCursor: String(from + size) } : {},
      );
    }
    const from = Number(query.get('startIndex') ?? 1) - 1;
    return page(rows.slice(from, from + size));
  }

  function search(endpoint: 'Users' | 'Groups', rows: Stored[], filter: string): Stored[] {
    const match = /^(\S+?)(?:\[.* and value)? (eq|sw) "(.*?)"\]?$/.exec(filter);
    if (match === null) throw new HttpError(400, 'unknown filter');
    const [, attribute = '', op, value = ''] = match;
    if (Array.isArray(behaviour.filters) && !(behaviour.filters as string[]).includes(attribute))
      throw new HttpError(400, `no filter by ${attribute}`);
    const name = behaviour.filters === 'nameless' ? (endpoint === 'Users' ? 'userName' : 'displayName') : attribute;
    const of = (row: Stored): string =>
      String(name.startsWith('emails') ? row['emails']?.[0]?.value : row[name]).toLowerCase();
    const found = rows.filter((row) =>
      op === 'sw' ? of(row).startsWith(value.toLowerCase()) : of(row) === value.toLowerCase(),
    );
    if (found.length === 0 && behaviour.emptySearchStatus === 404) throw new HttpError(404, 'no match');
    return found;
  }

  function patch(endpoint: 'Users' | 'Groups', stored: Stored, operations: Operation[]): void {
    const style = behaviour.patch === 'none' || behaviour.patch === undefined ? {} : behaviour.patch;
    if (behaviour.patch === 'none') throw new HttpError(501, 'PATCH is not supported');
    if (operations.length > (style.maxOperations ?? 100)) throw new HttpError(400, 'too many operations');
    if (
      behaviour.members?.addAndRemoveTogether === false &&
      new Set(operations.map(({ op }) => op.toLowerCase())).size > 1
    )
      throw new HttpError(400, 'mixed operations');
    for (const { op, path, value } of operations) {
      const isTitle = /^[A-Z]/.test(op);
      if (style.op !== undefined && isTitle !== (style.op === 'title')) continue;
      if (endpoint === 'Groups' && (path?.startsWith('members') === true || value?.members !== undefined))
        changeMembers(stored, op.toLowerCase(), path, value);
      else if (path === undefined) {
        for (const [name, one] of Object.entries(value as object)) {
          if (name.includes('.') && !name.startsWith('urn:')) {
            if (style.forms?.includes('dotted') !== false) setAtPath(stored, name, one);
          } else if (style.forms?.includes('nested') !== false || typeof one !== 'object')
            stored[name] =
              typeof one === 'object' && one !== null && !Array.isArray(one) ? { ...stored[name], ...one } : one;
        }
      } else if (style.forms?.includes('path') !== false) {
        if (path.includes('[') && style.valuePaths === false) throw new HttpError(400, 'invalidPath');
        setAtPath(stored, path, op.toLowerCase() === 'remove' ? null : value);
      }
    }
  }

  function setAtPath(stored: Stored, path: string, value: any): void {
    if (path.startsWith(`${enterprise}:`))
      stored[enterprise] = { ...stored[enterprise], [path.slice(enterprise.length + 1)]: value };
    else if (path.includes('[')) stored['emails'][0].value = value;
    else if (path.includes('.'))
      stored[path.split('.')[0] ?? ''] = { ...stored[path.split('.')[0] ?? ''], [path.split('.')[1] ?? '']: value };
    else if (value === null) delete stored[path];
    else if (path !== 'active') stored[path] = value;
    else if (behaviour.booleans !== 'text') {
      if (typeof value !== 'boolean') throw new HttpError(400, 'active is a boolean');
      stored[path] = value;
    } else if (typeof value === 'string') stored[path] = parseBoolean(value);
  }

  function changeMembers(stored: Stored, op: string, path: string | undefined, value: any): void {
    const { add, remove, addReplaces, ignores, maxPerRequest = 1000 } = behaviour.members ?? {};
    if (ignores !== undefined) return;
    const filtered = /members\[value eq "(.*)"\]/.exec(path ?? '')?.[1];
    if (op === 'remove') {
      if (remove === 'list' && filtered !== undefined) throw new HttpError(400, 'value paths are not supported');
      const removedIds: string[] = filtered === undefined ? (value ?? []).map((each: any) => each.value) : [filtered];
      if (removedIds.length > maxPerRequest) throw new HttpError(413, 'too many');
      stored['members'] = stored['members'].filter((each: any) => !removedIds.includes(each.value));
      return;
    }
    const form = path === undefined ? 'noPath' : Array.isArray(value) ? 'list' : 'object';
    if (form !== (add === undefined || add === 'typed' ? 'list' : add) && addReplaces === undefined)
      throw new HttpError(400, 'unsupported form of add');
    if (op === 'replace' || addReplaces?.includes(form) === true) stored['members'] = [];
    const list: any[] = Array.isArray(value) ? value : value.members;
    if (list.length > maxPerRequest) throw new HttpError(413, 'too many');
    const accepted = checkMembers(list).filter((each) => add !== 'typed' || each.type !== undefined);
    stored['members'] = [
      ...stored['members'].filter((each: any) => !accepted.some(({ value: id }) => id === each.value)),
      ...accepted,
    ];
  }

  function handleResource(
    method: string,
    endpoint: 'Users' | 'Groups',
    id: string,
    query: URLSearchParams,
    body: any,
  ): [number, unknown] {
    const all = endpoint === 'Users' ? users : groups;
    const stored = all.get(id);
    if (stored === undefined) throw new HttpError(404, 'no such resource');
    const wasInactive = stored['active'] === false;
    if (method === 'GET') return [200, render(endpoint, stored, query)];
    if (method === 'DELETE') {
      if (wasInactive && behaviour.inactive?.undeletable === true) throw new HttpError(404, 'no such user');
      if (behaviour.deletion === 'never' && endpoint === 'Users') throw new HttpError(405, 'DELETE is not supported');
      if (behaviour.deletion === 'fails') throw new HttpError(500, 'internal error');
      if (behaviour.deletion === 'failsOnce' && !failedOnce.has(id)) {
        failedOnce.add(id);
        throw new HttpError(500, 'internal error');
      }
      if (behaviour.deletion === 'ignored') return [204, undefined];
      if (behaviour.deletion === 'deactivates' && endpoint === 'Users') stored['active'] = false;
      else all.delete(id);
      if (endpoint === 'Users' && behaviour.members?.surviveDeletion !== true)
        for (const group of groups.values())
          group['members'] = group['members'].filter((each: any) => each.value !== id);
      return [204, undefined];
    }
    if (method === 'PUT' && behaviour.put === 'none') throw new HttpError(405, 'no PUT');
    const next = structuredClone(stored);
    if (method === 'PATCH') patch(endpoint, next, body.Operations);
    if (method === 'PATCH' && behaviour.inactive?.deactivatedBy === 'put') next['active'] = stored['active'];
    if (method === 'PATCH' && typeof behaviour.patch === 'object')
      for (const name of behaviour.patch.immutable ?? []) next[name] = stored[name];
    const after = method === 'PATCH' ? next : toStored(endpoint, body, id, stored);
    if (endpoint === 'Users') for (const name of behaviour.immutable ?? []) after[name] = stored[name];
    if (behaviour.userNameRefusal !== undefined && after['userName'] !== stored['userName'])
      throw new HttpError(400, behaviour.userNameRefusal.detail, behaviour.userNameRefusal.scimType);
    if (method === 'PUT' && endpoint === 'Groups')
      after['members'] =
        behaviour.members?.ignores === 'all' || behaviour.put === 'keepsMembers'
          ? stored['members']
          : checkMembers(after['members'] ?? []);
    if (endpoint === 'Users' && behaviour.invites === true) after['active'] = false;
    if (endpoint === 'Users' && after['active'] === false && behaviour.deactivationStatus !== undefined)
      throw new HttpError(behaviour.deactivationStatus, 'the user cannot be deactivated');
    if (
      method === 'PATCH' &&
      behaviour.groups === 'putRenames' &&
      endpoint === 'Groups' &&
      after['displayName'] !== stored['displayName']
    )
      throw new HttpError(501, 'PATCH of displayName is not supported');
    if (wasInactive && endpoint === 'Users') {
      if (after['active'] === false && behaviour.inactive?.writable === false)
        throw new HttpError(400, 'the user is inactive');
      const by = behaviour.inactive?.reactivation;
      if (after['active'] !== false && by !== undefined && !(by === 'put' && method === 'PUT'))
        throw new HttpError(400, 'reactivation is not supported');
    }
    if (endpoint === 'Groups' && behaviour.groups === 'nameImmutable' && after['displayName'] !== stored['displayName'])
      throw new HttpError(400, 'displayName is immutable');
    if (wasInactive && after['active'] !== false && behaviour.inactive?.newId !== undefined) {
      all.delete(id);
      after.id = String((count += 1));
      all.set(after.id, after);
      return [200, behaviour.inactive.newId === 'shown' ? after : undefined];
    }
    all.set(id, after);
    return [200, endpoint === 'Groups' ? {} : after];
  }

  /** Executes the operations of a Bulk request in their order (RFC 7644 section 3.7). */
  function bulk(operations: readonly any[]): unknown {
    const created = new Map<string, string>();
    const run = ({ method, path, bulkId, data }: any): object => {
      const [, endpoint, id] = String(path).split('/') as [string, 'Users' | 'Groups', string | undefined];
      const body = JSON.parse(
        JSON.stringify(data ?? null).replace(/bulkId:([^"]+)/g, (_, name: string) => created.get(name) ?? ''),
      );
      if (behaviour.bulk?.includes(method) !== true) return { method, bulkId, status: '200', location: path };
      try {
        const [status, resource] =
          id === undefined ? create(endpoint, body) : handleResource(method, endpoint, id, new URLSearchParams(), body);
        if (bulkId !== undefined) created.set(bulkId, (resource as Stored).id);
        const location = id === undefined ? `${path}/${(resource as Stored).id}` : path;
        return { method, bulkId, status: String(status), location };
      } catch (error) {
        return { method, bulkId, status: String(error instanceof HttpError ? error.status : 500) };
      }
    };
    return { Operations: operations.map(run) };
  }

  function route({ method, url, authorization }: AppRequest, text: string): [number, unknown, object?] {
    const [, endpoint = '', id] = url.pathname.split('/').map(decodeURIComponent);
    requests.push(`${method} ${url.pathname}`);
    if (authorization !== `Bearer ${token}`) throw new HttpError(401, `wrong credentials: ${authorization}`);
    if (requests.length >= 40 && requests.length < 40 + (behaviour.unavailableRequests ?? 0))
      throw new HttpError(503, 'unavailable');
    if (endpoint.startsWith('ServiceProviderConfig')) {
      if (behaviour.discovery === 'none' || (behaviour.discovery === 'plural') !== endpoint.endsWith('s'))
        throw new HttpError(404, 'no such endpoint');
      const bulkSupport = behaviour.bulk === undefined ? {} : { bulk: { supported: true, maxOperations: 1000 } };
      return [
        200,
        typeof behaviour.discovery === 'object' ? behaviour.discovery : { patch: { supported: true }, ...bulkSupport },
      ];
    }
    if (endpoint === 'Bulk' && behaviour.bulk !== undefined) return [200, bulk(JSON.parse(text).Operations)];
    if (endpoint !== 'Users' && endpoint !== 'Groups') throw new HttpError(404, 'no such endpoint');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (endpoint === 'Groups' && behaviour.groups === 'none') throw new HttpError(404, 'no groups');
    if (id !== undefined) return handleResource(method, endpoint, id, url.searchParams, body);
    return method === 'POST' ? create(endpoint, body as Record<string, any>) : [200, list(endpoint, url.searchParams)];
  }

  const handle =
    behaviour.readDelay === undefined
      ? route
      : withDelayedReads([users, groups], behaviour.readDelay, route, ({ method }) => method === 'GET');

  return {
    users,
    groups,
    requests,
    send({ method, url, headers, body = '' }) {
      const respond = (status: number, responseBody: unknown, responseHeaders: object = {}) =>
        Promise.resolve(
          toResponse(
            status,
            { 'content-type': 'application/scim+json', ...responseHeaders },
            responseBody === undefined ? '' : JSON.stringify(responseBody),
          ),
        );
      try {
        return respond(...handle({ method, url: new URL(url), authorization: headers['authorization'] }, body));
      } catch (error) {
        if (!(error instanceof HttpError)) return respond(500, { detail: String(error) });
        const { status, message, scimType } = error;
        return respond(status, {
          status: String(status),
          detail: message,
          ...(scimType === undefined ? {} : { scimType }),
        });
      }
    },
  };
}
