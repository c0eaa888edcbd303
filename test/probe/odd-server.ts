import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lately, type Late } from './late.ts';

type Stored = Record<string, any> & { id: string };
type Operation = { op: string; path?: string; value?: any };

/** In which ways an application is odd. What is left out is as the standard says. */
export interface Oddities {
  /** Attributes of a person without which nobody is taken, and those with which nobody is. */
  readonly needs?: readonly string[];
  readonly refuses?: readonly string[];
  /** Keeps whom it refuses, where only a search shows them. */
  readonly keepsRefused?: boolean;
  /** What a create is answered with instead of the resource; a stranger: whoever is there. */
  readonly made?: 'location' | 'nothing' | 'stranger';
  /** Not kept, without a word. */
  readonly drops?: readonly string[];
  readonly lowerCases?: boolean;
  readonly conflict?: { readonly status: number; readonly detail: string };
  /** Attributes that may be searched by; `ignored`: a filter changes nothing; `nameless`: whatever attribute is named, userName is searched. */
  readonly filters?: 'ignored' | 'nameless' | readonly string[];
  readonly noMatch?: 404;
  readonly listing?: 'index' | 'cursor' | 'whole' | 'refused';
  readonly discovery?: 'plural' | 'none' | object;
  /** Which op, and which of the forms, is understood; what else is sent is answered well and changes nothing. */
  readonly patch?:
    | 'none'
    | {
        readonly op?: 'lower' | 'title';
        readonly forms?: readonly ('path' | 'nested' | 'dotted')[];
        readonly valuePaths?: boolean;
        readonly most?: number;
        readonly stays?: readonly string[];
      };
  readonly put?: 'none' | 'merges';
  /** Attributes of a person that stay as they were made, whatever a change says. */
  readonly stays?: readonly string[];
  /** What another userName is refused with. */
  readonly fixed?: { readonly scimType: string; readonly detail: string };
  readonly booleans?: 'text';
  readonly closed?: {
    readonly by?: 'put';
    readonly kept?: true;
    readonly read?: 'missing' | 'obscured';
    readonly changes?: boolean;
    readonly opens?: 'put' | 'create' | 'never';
  };
  readonly deletes?: 'closes' | 'never' | 'fails';
  readonly groups?: 'none' | 'given' | 'named';
  /** How many requests are answered 503, whatever they ask, from the fortieth on. */
  readonly busy?: number;
  /** Reads show how it was so many milliseconds ago. */
  readonly late?: Late;
  readonly members?: {
    readonly add?: 'object' | 'noPath' | 'typed';
    readonly remove?: 'list';
    readonly shown?: 'attributes' | 'never';
    readonly most?: number;
    readonly unknown?: 'dropped' | 'kept';
    readonly mixes?: boolean;
    readonly stay?: boolean;
  };
}

export interface OddServer {
  readonly url: string;
  readonly users: Map<string, Stored>;
  readonly groups: Map<string, Stored>;
  /** "POST /Users", one a request. */
  readonly lines: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

class Refusal extends Error {
  readonly status: number;
  readonly scimType: string | undefined;
  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** An application that nobody documented. */
export async function oddServer(odd: Oddities = {}, token = 'tok-odd-4711-secret'): Promise<OddServer> {
  const users = new Map<string, Stored>();
  const groups = new Map<string, Stored>();
  const lines: string[] = [];
  let count = 0;

  const truthOf = (value: unknown): unknown =>
    odd.booleans === 'text' && typeof value === 'string' ? value.toLowerCase() === 'true' : value;

  function kept(kind: 'Users' | 'Groups', body: Record<string, any>, id: string, before?: Stored): Stored {
    const stored: Stored = { ...(odd.put === 'merges' ? before : {}), ...structuredClone(body), id };
    for (const name of kind === 'Users' ? (odd.drops ?? []) : []) delete stored[name];
    if (kind === 'Users') {
      if (odd.lowerCases === true) stored['userName'] = String(stored['userName']).toLowerCase();
      if (odd.booleans === 'text' && typeof body['active'] === 'boolean' && before !== undefined)
        stored['active'] = before['active'];
      else stored['active'] = truthOf(stored['active'] ?? true);
    }
    for (const [name, value] of Object.entries(stored)) if (value === null) delete stored[name];
    return stored;
  }

  function create(kind: 'Users' | 'Groups', body: Record<string, any>): [number, unknown, object?] {
    const all = kind === 'Users' ? users : groups;
    const name = kind === 'Users' ? 'userName' : 'displayName';
    if (kind === 'Groups' && odd.groups === 'given') throw new Refusal(403, 'groups are made by hand');
    if (kind === 'Users') {
      for (const need of odd.needs ?? []) {
        if (body[need] !== undefined) continue;
        if (odd.keepsRefused === true) users.set(String((count += 1)), kept('Users', body, String(count)));
        throw new Refusal(400, `${need} is missing`);
      }
      for (const path of odd.refuses ?? [])
        if (body[path] !== undefined) throw new Refusal(400, 'errors reported by remote server');
    }
    if (typeof body['emails'] === 'number') throw new Refusal(400, 'emails must be a list');
    const other = [...all.values()].find(
      (each) => String(each[name]).toLowerCase() === String(body[name]).toLowerCase(),
    );
    if (other !== undefined && odd.closed?.opens === 'create' && other['active'] === false) {
      other['active'] = true;
      return [201, other];
    }
    if (other !== undefined)
      throw new Refusal(odd.conflict?.status ?? 409, odd.conflict?.detail ?? 'there is one already');
    const id = String((count += 1));
    const stored = kept(kind, body, id);
    if (kind === 'Groups') stored['members'] = checked(stored['members'] ?? []);
    all.set(id, stored);
    if (odd.made === 'stranger') return [201, [...all.values()][0]];
    if (odd.made !== undefined)
      return [
        201,
        undefined,
        odd.made === 'location' ? { location: `https://elsewhere.example/scim/${kind}/${id}?x=1` } : {},
      ];
    return [201, kind === 'Users' ? stored : shown(kind, stored, new URLSearchParams())];
  }

  function checked(members: any[]): any[] {
    const unknown = members.filter(({ value }) => !users.has(value));
    if (unknown.length > 0 && odd.members?.unknown === undefined) throw new Refusal(400, 'who is that?');
    return odd.members?.unknown === 'dropped' ? members.filter(({ value }) => users.has(value)) : members;
  }

  function shown(kind: 'Users' | 'Groups', stored: Stored, query: URLSearchParams): Stored {
    if (kind === 'Groups') {
      const { members, ...rest } = stored;
      const visible =
        odd.members?.shown === undefined ||
        (odd.members.shown === 'attributes' && query.get('attributes') === 'members');
      return (visible ? { ...rest, members } : rest) as Stored;
    }
    if (stored['active'] !== false) return stored;
    if (odd.closed?.read === 'missing') throw new Refusal(404, 'no such user');
    return odd.closed?.read === 'obscured' ? { ...stored, userName: 'f00ba4' } : stored;
  }

  function list(kind: 'Users' | 'Groups', query: URLSearchParams): unknown {
    if (kind === 'Groups' && odd.groups === 'none') throw new Refusal(404, 'no groups here');
    let rows = [...(kind === 'Users' ? users : groups).values()].filter(
      (each) => !(each['active'] === false && odd.closed?.read === 'missing'),
    );
    const filter = query.get('filter');
    if (filter === null && odd.listing === 'refused') throw new Refusal(400, 'a filter, please');
    if (filter !== null && odd.filters !== 'ignored') rows = search(kind, rows, filter);
    const answer = (part: Stored[], more: object = {}): unknown => ({
      totalResults: rows.length,
      Resources: part.map((row) => shown(kind, row, query)),
      ...more,
    });
    const size = Number(query.get('count') ?? 100);
    if (odd.listing === 'whole') return answer(rows);
    if (odd.listing === 'cursor') {
      const from = Number(query.get('cursor') ?? 0);
      return answer(
        rows.slice(from, from + size),
        query.has('cursor') && from + size < rows.length ? { nextCursor: String(from + size) } : {},
      );
    }
    const from = Number(query.get('startIndex') ?? 1) - 1;
    return answer(rows.slice(from, from + size));
  }

  function search(kind: 'Users' | 'Groups', rows: Stored[], filter: string): Stored[] {
    const match = /^(\S+?)(?:\[.* and value)? (eq|sw) "(.*?)"\]?$/.exec(filter);
    if (match === null) throw new Refusal(400, 'what filter is that?');
    const [, attribute = '', op, value = ''] = match;
    if (Array.isArray(odd.filters) && !(odd.filters as string[]).includes(attribute))
      throw new Refusal(400, `no filter by ${attribute}`);
    const name = odd.filters === 'nameless' ? (kind === 'Users' ? 'userName' : 'displayName') : attribute;
    const of = (row: Stored): string =>
      String(name.startsWith('emails') ? row['emails']?.[0]?.value : row[name]).toLowerCase();
    const found = rows.filter((row) =>
      op === 'sw' ? of(row).startsWith(value.toLowerCase()) : of(row) === value.toLowerCase(),
    );
    if (found.length === 0 && odd.noMatch === 404) throw new Refusal(404, 'nobody');
    return found;
  }

  function patch(kind: 'Users' | 'Groups', stored: Stored, operations: Operation[]): void {
    const style = odd.patch === 'none' || odd.patch === undefined ? {} : odd.patch;
    if (odd.patch === 'none') throw new Refusal(501, 'PATCH is not there');
    if (operations.length > (style.most ?? 100)) throw new Refusal(400, 'too many operations');
    if (odd.members?.mixes === false && new Set(operations.map(({ op }) => op.toLowerCase())).size > 1)
      throw new Refusal(400, 'one thing at a time');
    for (const { op, path, value } of operations) {
      const isTitle = /^[A-Z]/.test(op);
      if (style.op !== undefined && isTitle !== (style.op === 'title')) continue;
      if (kind === 'Groups' && (path?.startsWith('members') === true || value?.members !== undefined))
        change(stored, op.toLowerCase(), path, value);
      else if (path === undefined) {
        for (const [name, one] of Object.entries(value as object)) {
          if (name.includes('.') && !name.startsWith('urn:')) {
            if (style.forms?.includes('dotted') !== false) place(stored, name, one);
          } else if (style.forms?.includes('nested') !== false || typeof one !== 'object')
            stored[name] =
              typeof one === 'object' && one !== null && !Array.isArray(one) ? { ...stored[name], ...one } : one;
        }
      } else if (style.forms?.includes('path') !== false) {
        if (path.includes('[') && style.valuePaths === false) throw new Refusal(400, 'invalidPath');
        place(stored, path, op.toLowerCase() === 'remove' ? null : value);
      }
    }
  }

  function place(stored: Stored, path: string, value: any): void {
    if (path.startsWith(`${enterprise}:`))
      stored[enterprise] = { ...stored[enterprise], [path.slice(enterprise.length + 1)]: value };
    else if (path.includes('[')) stored['emails'][0].value = value;
    else if (path.includes('.'))
      stored[path.split('.')[0] ?? ''] = { ...stored[path.split('.')[0] ?? ''], [path.split('.')[1] ?? '']: value };
    else if (value === null) delete stored[path];
    else if (path !== 'active') stored[path] = value;
    else if (odd.booleans !== 'text') {
      if (typeof value !== 'boolean') throw new Refusal(400, 'active is a boolean');
      stored[path] = value;
    } else if (typeof value === 'string') stored[path] = truthOf(value);
  }

  function change(stored: Stored, op: string, path: string | undefined, value: any): void {
    const { add, remove, most = 1000 } = odd.members ?? {};
    const filtered = /members\[value eq "(.*)"\]/.exec(path ?? '')?.[1];
    if (op === 'remove') {
      if (remove === 'list' && filtered !== undefined) throw new Refusal(400, 'no filters here');
      const gone: string[] = filtered === undefined ? (value ?? []).map((each: any) => each.value) : [filtered];
      if (gone.length > most) throw new Refusal(413, 'too many');
      stored['members'] = stored['members'].filter((each: any) => !gone.includes(each.value));
      return;
    }
    const form = path === undefined ? 'noPath' : Array.isArray(value) ? 'list' : 'object';
    if (form !== (add === undefined || add === 'typed' ? 'list' : add)) throw new Refusal(400, 'not in this form');
    const list: any[] = Array.isArray(value) ? value : value.members;
    if (list.length > most) throw new Refusal(413, 'too many');
    const taken = checked(list).filter((each) => add !== 'typed' || each.type !== undefined);
    stored['members'] = [
      ...stored['members'].filter((each: any) => !taken.some(({ value: id }) => id === each.value)),
      ...taken,
    ];
  }

  function onOne(
    method: string,
    kind: 'Users' | 'Groups',
    id: string,
    query: URLSearchParams,
    body: any,
  ): [number, unknown] {
    const all = kind === 'Users' ? users : groups;
    const stored = all.get(id);
    if (stored === undefined) throw new Refusal(404, 'not there');
    const wasClosed = stored['active'] === false;
    if (method === 'GET') return [200, shown(kind, stored, query)];
    if (method === 'DELETE') {
      if (wasClosed && odd.closed?.kept === true) throw new Refusal(404, 'no such user');
      if (odd.deletes === 'never' && kind === 'Users') throw new Refusal(405, 'nobody is ever deleted');
      if (odd.deletes === 'fails') throw new Refusal(500, 'out of order');
      if (odd.deletes === 'closes' && kind === 'Users') stored['active'] = false;
      else all.delete(id);
      if (kind === 'Users' && odd.members?.stay !== true)
        for (const group of groups.values())
          group['members'] = group['members'].filter((each: any) => each.value !== id);
      return [204, undefined];
    }
    if (method === 'PUT' && odd.put === 'none') throw new Refusal(405, 'no PUT');
    const next = structuredClone(stored);
    if (method === 'PATCH') patch(kind, next, body.Operations);
    if (method === 'PATCH' && odd.closed?.by === 'put') next['active'] = stored['active'];
    if (method === 'PATCH' && typeof odd.patch === 'object')
      for (const name of odd.patch.stays ?? []) next[name] = stored[name];
    const after = method === 'PATCH' ? next : kept(kind, body, id, stored);
    if (kind === 'Users') for (const name of odd.stays ?? []) after[name] = stored[name];
    if (odd.fixed !== undefined && after['userName'] !== stored['userName'])
      throw new Refusal(400, odd.fixed.detail, odd.fixed.scimType);
    if (method === 'PUT' && kind === 'Groups') after['members'] = checked(after['members'] ?? []);
    if (wasClosed && kind === 'Users') {
      if (after['active'] === false && odd.closed?.changes === false) throw new Refusal(400, 'it is closed');
      const by = odd.closed?.opens;
      if (after['active'] !== false && by !== undefined && !(by === 'put' && method === 'PUT'))
        throw new Refusal(400, 'it stays closed');
    }
    if (kind === 'Groups' && odd.groups === 'named' && after['displayName'] !== stored['displayName'])
      throw new Refusal(400, 'a name is for ever');
    all.set(id, after);
    return [200, kind === 'Groups' ? {} : after];
  }

  function route(request: IncomingMessage, text: string): [number, unknown, object?] {
    const url = new URL(request.url ?? '/', 'http://x');
    const [, kind = '', id] = url.pathname.split('/').map(decodeURIComponent);
    lines.push(`${request.method} ${url.pathname}`);
    if (request.headers.authorization !== `Bearer ${token}`)
      throw new Refusal(401, `who are you, with ${request.headers.authorization}?`);
    if (lines.length >= 40 && lines.length < 40 + (odd.busy ?? 0)) throw new Refusal(503, 'busy');
    if (kind.startsWith('ServiceProviderConfig')) {
      if (odd.discovery === 'none' || (odd.discovery === 'plural') !== kind.endsWith('s'))
        throw new Refusal(404, 'no such thing');
      return [200, typeof odd.discovery === 'object' ? odd.discovery : { patch: { supported: true } }];
    }
    if (kind !== 'Users' && kind !== 'Groups') throw new Refusal(404, 'no such thing');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (kind === 'Groups' && odd.groups === 'none') throw new Refusal(404, 'no groups here');
    if (id !== undefined) return onOne(request.method ?? '', kind, id, url.searchParams, body);
    return request.method === 'POST' ? create(kind, body as Record<string, any>) : [200, list(kind, url.searchParams)];
  }

  const answered =
    odd.late === undefined ? route : lately([users, groups], odd.late, route, ({ method }) => method === 'GET');

  const server = createServer((request, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const answer = (status: number, body: unknown, headers: object = {}): void =>
          void response
            .writeHead(status, { 'content-type': 'application/scim+json', ...headers })
            .end(body === undefined ? '' : JSON.stringify(body));
        try {
          answer(...answered(request, Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          if (error instanceof Refusal)
            answer(error.status, {
              status: String(error.status),
              detail: error.message,
              ...(error.scimType === undefined ? {} : { scimType: error.scimType }),
            });
          else answer(500, { detail: String(error) });
        }
      });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    users,
    groups,
    lines,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
