import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Refusal } from './scim-error.ts';
import { carryOutBulk, type BulkOperation } from './strict-bulk.ts';
import { listed, shown, type Stored, type Vault, vault } from './strict-vault.ts';
import { isObject, type Kind, type Resource } from './strict-schema.ts';

/** One request as the server saw it. Times are milliseconds of `performance.now()`. */
export interface LogEntry {
  readonly at: number;
  answered: number;
  readonly method: string;
  /** Below the base URL: /Users/3. */
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  /** 0 where the connection was closed without an answer. */
  status: number;
}

/** What goes wrong with one request. `After`: it takes effect first. */
export type Fault =
  | 'dropBefore'
  | 'dropAfter'
  | { readonly status: number; readonly after?: boolean; readonly headers?: Readonly<Record<string, string>> };

export interface StrictOptions {
  readonly token?: string;
  readonly pageLimit?: number;
  /** Can be changed while it runs. */
  latencyMs?: number;
  /** Requests accepted in any sliding second; more are answered 429. */
  readonly requestsPerSecond?: number;
  readonly retryAfter?: 'seconds' | 'date' | 'none';
  readonly patch?: boolean;
  /** So many operations may be in one Bulk request; none where it is absent. Faults meet its operations, too. */
  readonly bulkOperations?: number;
  readonly etags?: boolean;
  readonly requireIfMatch?: boolean;
  ignoreFilters?: boolean;
  readonly uniqueUserNames?: boolean;
  readonly uniqueExternalIds?: boolean;
  readonly uniqueDisplayNames?: boolean;
  readonly absentMemberIsNoTarget?: boolean;
  readonly refuseDuplicateMembers?: boolean;
  readonly deletionEndsMemberships?: boolean;
  /** Looks at every request before it is done; the first fault that is given counts. */
  fault?: ((entry: LogEntry, number: number) => Fault | undefined) | undefined;
}

export interface StrictServer {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly options: StrictOptions;
  readonly log: LogEntry[];
  readonly users: ReadonlyMap<string, Stored>;
  readonly groups: ReadonlyMap<string, Stored>;
  /** Makes a resource that was there before, or that somebody else made. @returns its id */
  seed(kind: Kind, resource: Resource): string;
  /** Somebody else takes it away. */
  drop(kind: Kind, id: string): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const base = '/scim/v2';

/** A strict SCIM 2.0 application in memory, made for these tests from RFC 7643 and RFC 7644 alone. */
export async function startStrictServer(options: StrictOptions = {}, port = 0): Promise<StrictServer> {
  const token = options.token ?? 'tok-strict-4711-secret';
  const store = vault(options);
  const log: LogEntry[] = [];
  const accepted: number[] = [];

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const entry: LogEntry = {
      at: performance.now(),
      answered: 0,
      method: request.method ?? '',
      path: decodeURI(url.pathname).replace(base, ''),
      query: decodeURIComponent(url.search),
      body: undefined,
      status: 0,
    };
    log.push(entry);
    const number = log.length;
    void readText(request).then(async (text) => {
      Object.assign(entry, { body: parse(text) ?? text });
      const fault = options.fault?.(entry, number);
      if (options.latencyMs !== undefined) await new Promise((done) => setTimeout(done, options.latencyMs));
      const reply = answer(request, entry, url, fault);
      entry.answered = performance.now();
      if (reply === 'closed') {
        request.socket.destroy();
        return;
      }
      entry.status = reply.status;
      send(response, reply);
    });
  });

  function answer(request: IncomingMessage, entry: LogEntry, url: URL, fault: Fault | undefined): Reply | 'closed' {
    if (fault === 'dropBefore') return 'closed';
    if (typeof fault === 'object' && fault.after !== true)
      return refuse(new Refusal(fault.status, 'a fault on purpose'), fault.headers);
    const limited = overLimit(entry.at);
    if (limited !== undefined) return limited;
    const reply =
      entry.path === '/Bulk'
        ? bulk(request, entry)
        : attempt(store, options, token, request.headers, entry, url.searchParams);
    if (fault === 'dropAfter') return 'closed';
    return typeof fault === 'object'
      ? refuse(new Refusal(fault.status, 'a fault on purpose, after it took effect'), fault.headers)
      : reply;
  }

  function bulk({ headers }: IncomingMessage, entry: LogEntry): Reply {
    const { bulkOperations: most = 0 } = options;
    const act = ({ method, path, data, version: wanted }: BulkOperation): Reply | 'lost' => {
      const inner: LogEntry = { ...entry, method, path: decodeURI(path), query: '', body: data, status: 0 };
      const fault = options.fault?.(inner, log.length);
      if (fault === 'dropBefore') return 'lost';
      if (typeof fault === 'object' && fault.after !== true)
        return refuse(new Refusal(fault.status, 'a fault on purpose'));
      const reply = attempt(store, options, token, { ...headers, 'if-match': wanted }, inner, new URLSearchParams());
      if (fault === 'dropAfter') return 'lost';
      return fault === undefined
        ? reply
        : refuse(new Refusal(fault.status, 'a fault on purpose, after it took effect'));
    };
    try {
      if (most === 0) throw new Refusal(501, 'there is no Bulk here');
      return carryOutBulk(entry.body, most, act);
    } catch (error) {
      if (error instanceof Refusal) return refuse(error);
      throw error;
    }
  }

  function overLimit(at: number): Reply | undefined {
    if (options.requestsPerSecond === undefined) return undefined;
    while (accepted.length > 0 && (accepted[0] ?? 0) <= at - 1000) accepted.shift();
    if (accepted.length < options.requestsPerSecond) {
      accepted.push(at);
      return undefined;
    }
    const headers: Record<string, string> = {};
    if (options.retryAfter !== 'none')
      headers['Retry-After'] = options.retryAfter === 'date' ? new Date(Date.now() + 2000).toUTCString() : '1';
    return refuse(new Refusal(429, 'too many requests'), headers);
  }

  await listen(server, port);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  const actualPort = (server.address() as AddressInfo).port;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return {
    url: `http://127.0.0.1:${actualPort}${base}`,
    port: actualPort,
    token,
    options,
    log,
    users: store.users,
    groups: store.groups,
    seed: (kind, resource) => store.create(kind, resource).id,
    drop: (kind, id) => store.remove(kind, id),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Reply {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function attempt(
  store: Vault,
  options: StrictOptions,
  token: string,
  headers: IncomingHttpHeaders,
  entry: LogEntry,
  query: URLSearchParams,
): Reply {
  try {
    if (headers.authorization !== `Bearer ${token}`) {
      return { ...refuse(new Refusal(401, 'no valid token')), headers: { 'WWW-Authenticate': 'Bearer' } };
    }
    return route(store, options, headers, entry, query);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error);
    throw error;
  }
}

function route(
  store: Vault,
  options: StrictOptions,
  headers: IncomingHttpHeaders,
  entry: LogEntry,
  query: URLSearchParams,
): Reply {
  const { method, path } = entry;
  if (path === '/ServiceProviderConfig' && method === 'GET') return { status: 200, body: providerConfig(options) };
  const match = /^\/(User|Group)s(?:\/([^/]+))?$/.exec(path);
  if (match === null) throw new Refusal(404, `there is nothing at ${path}`);
  const kind = match[1] as Kind;
  const id = match[2];
  if (id === undefined) {
    if (method === 'GET') return { status: 200, body: listed(store, kind, query, options) };
    if (method !== 'POST') throw new Refusal(405, `${method} is not for ${path}`);
    const made = store.create(kind, json(headers, entry));
    return {
      status: 201,
      body: shown(kind, made, query),
      headers: { ...tag(options, made), Location: `${base}/${kind}s/${made.id}` },
    };
  }
  const stored = store.get(kind, id);
  if (method === 'GET') return { status: 200, body: shown(kind, stored, query), headers: tag(options, stored) };
  precondition(options, headers, stored);
  if (method === 'DELETE') {
    store.remove(kind, id);
    return { status: 204 };
  }
  if (method === 'PATCH' && options.patch === false) throw new Refusal(501, 'PATCH is not supported');
  if (method !== 'PATCH' && method !== 'PUT') throw new Refusal(405, `${method} is not for ${path}`);
  const body = json(headers, entry);
  const next = method === 'PUT' ? store.replace(kind, id, body) : store.patch(kind, id, body);
  return { status: 200, body: shown(kind, next, query), headers: tag(options, next) };
}

function precondition(options: StrictOptions, headers: IncomingHttpHeaders, stored: Stored): void {
  if (options.etags !== true) return;
  const wanted = headers['if-match'];
  if (wanted === undefined && options.requireIfMatch === true) throw new Refusal(428, 'If-Match is required');
  if (wanted !== undefined && wanted !== '*' && !wanted.split(/\s*,\s*/).includes(version(stored)))
    throw new Refusal(412, 'it has changed since');
}

const version = (stored: Stored): string => `W/"${stored.version}"`;
const tag = (options: StrictOptions, stored: Stored): Record<string, string> =>
  options.etags === true ? { ETag: version(stored) } : {};

function providerConfig(options: StrictOptions): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: options.patch !== false },
    bulk: {
      supported: options.bulkOperations !== undefined,
      maxOperations: options.bulkOperations ?? 0,
      maxPayloadSize: options.bulkOperations === undefined ? 0 : 1_000_000,
    },
    filter: { supported: options.ignoreFilters !== true, maxResults: options.pageLimit ?? 100 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: options.etags === true },
    authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer', description: 'a token' }],
  };
}

function json(headers: IncomingHttpHeaders, entry: LogEntry): unknown {
  if (!/^application\/(scim\+)?json\b/i.test(headers['content-type'] ?? ''))
    throw new Refusal(415, 'send application/scim+json');
  if (!isObject(entry.body)) throw new Refusal(400, 'the body is not a JSON object', 'invalidSyntax');
  return entry.body;
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

const refuse = (refusal: Refusal, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: refusal.status,
  body: refusal.toBody(),
  headers,
});

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  response.writeHead(status, {
    ...(payload === undefined
      ? {}
      : { 'Content-Type': 'application/scim+json', 'Content-Length': Buffer.byteLength(payload) }),
    ...headers,
  });
  response.end(payload);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client died while it was sending: what arrived is no whole request and parses as none.
    return '';
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
}
