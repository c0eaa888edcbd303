import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ScimError } from './scim-error.ts';
import { executeBulk, type BulkOperation } from './bulk.ts';
import {
  listResponse,
  renderResource,
  type Stored,
  type ResourceStore,
  createResourceStore,
} from './resource-store.ts';
import { isObject, type ResourceType, type Resource } from './schema.ts';

/** A received request. Times are milliseconds of `performance.now()`. */
export interface LogEntry {
  readonly receivedAt: number;
  respondedAt: number;
  readonly method: string;
  /** Path below the base URL, like /Users/3. */
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  readonly ifMatch?: string | undefined;
  /** What follows the token and a full stop, which differs between the clients of a test; empty without it. */
  readonly client: string;
  /** 0 if the connection was closed without a response. */
  status: number;
}

/** An injected fault of one request. With `dropAfter` and `after`, the request is applied first. */
export type Fault =
  | 'dropBefore'
  | 'dropAfter'
  | {
      readonly status: number;
      readonly after?: boolean;
      readonly headers?: Readonly<Record<string, string>>;
      readonly detail?: string;
      /** The body of the response; by default a SCIM error. The function gets the body of the applied request. */
      readonly body?: (applied: object | undefined) => object;
    };

export interface StrictOptions {
  readonly token?: string;
  readonly pageLimit?: number;
  /** Delay of each response. A test can change it while the server runs. */
  latencyMs?: number;
  /** Requests that the server accepts in a sliding second. Further requests get 429. */
  readonly requestsPerSecond?: number;
  readonly retryAfter?: 'seconds' | 'date' | 'none';
  readonly patch?: boolean;
  /** Maximum number of operations in a Bulk request. Without it, Bulk gets 501. Faults also apply to the operations. */
  readonly maxBulkOperations?: number;
  readonly etags?: boolean;
  readonly requireIfMatch?: boolean;
  ignoreFilters?: boolean;
  readonly uniqueUserNames?: boolean;
  readonly uniqueExternalIds?: boolean;
  readonly uniqueDisplayNames?: boolean;
  readonly absentMemberIsNoTarget?: boolean;
  readonly refuseDuplicateMembers?: boolean;
  readonly deletionEndsMemberships?: boolean;
  /** Called for each request before it is applied. `number` counts the requests from 1. */
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
  /** Creates a resource as another client would. @returns its id */
  seed(resourceType: ResourceType, resource: Resource): string;
  /** Deletes a resource as another client would. */
  remove(resourceType: ResourceType, id: string): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const basePath = '/scim/v2';

/** Starts a strict SCIM 2.0 server with storage in memory, after RFC 7643 and RFC 7644 alone. */
export async function startStrictServer(options: StrictOptions = {}, port = 0): Promise<StrictServer> {
  const token = options.token ?? 'tok-strict-4711-secret';
  const store = createResourceStore(options);
  const log: LogEntry[] = [];
  const acceptedAt: number[] = [];

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const entry: LogEntry = {
      receivedAt: performance.now(),
      respondedAt: 0,
      method: request.method ?? '',
      path: decodeURI(url.pathname).replace(basePath, ''),
      query: decodeURIComponent(url.search),
      body: undefined,
      ifMatch: request.headers['if-match'],
      client: request.headers.authorization?.split('.')[1] ?? '',
      status: 0,
    };
    log.push(entry);
    const number = log.length;
    void readText(request).then(async (text) => {
      Object.assign(entry, { body: parse(text) ?? text });
      const fault = options.fault?.(entry, number);
      if (options.latencyMs !== undefined) await new Promise((done) => setTimeout(done, options.latencyMs));
      const scimResponse = respond(request, entry, url, fault);
      entry.respondedAt = performance.now();
      if (scimResponse === 'closed') {
        request.socket.destroy();
        return;
      }
      entry.status = scimResponse.status;
      send(response, scimResponse);
    });
  });

  function respond(
    request: IncomingMessage,
    entry: LogEntry,
    url: URL,
    fault: Fault | undefined,
  ): ScimResponse | 'closed' {
    if (fault === 'dropBefore') return 'closed';
    if (typeof fault === 'object' && fault.after !== true)
      return fault.body === undefined
        ? errorResponse(new ScimError(fault.status, fault.detail ?? 'an injected fault'), fault.headers)
        : { status: fault.status, body: fault.body(undefined) };
    const limited = rateLimitResponse(entry.receivedAt);
    if (limited !== undefined) return limited;
    const scimResponse =
      entry.path === '/Bulk'
        ? executeBulkRequest(request, entry)
        : authenticateAndRoute(store, options, token, request.headers, entry, url.searchParams);
    if (fault === 'dropAfter') return 'closed';
    if (typeof fault === 'object' && fault.body !== undefined)
      return { status: fault.status, body: fault.body(scimResponse.body) };
    return typeof fault === 'object'
      ? errorResponse(new ScimError(fault.status, 'an injected fault after the write'), fault.headers)
      : scimResponse;
  }

  function executeBulkRequest({ headers }: IncomingMessage, entry: LogEntry): ScimResponse {
    const { maxBulkOperations: maxOperations = 0 } = options;
    const execute = ({ method, path, data, version: ifMatch }: BulkOperation): ScimResponse | 'lost' => {
      const inner: LogEntry = { ...entry, method, path: decodeURI(path), query: '', body: data, status: 0 };
      const fault = options.fault?.(inner, log.length);
      if (fault === 'dropBefore') return 'lost';
      if (typeof fault === 'object' && fault.after !== true)
        return errorResponse(new ScimError(fault.status, 'an injected fault'));
      const scimResponse = authenticateAndRoute(
        store,
        options,
        token,
        { ...headers, 'if-match': ifMatch },
        inner,
        new URLSearchParams(),
      );
      if (fault === 'dropAfter') return 'lost';
      return fault === undefined
        ? scimResponse
        : errorResponse(new ScimError(fault.status, 'an injected fault after the write'));
    };
    try {
      if (maxOperations === 0) throw new ScimError(501, 'Bulk is not supported');
      return executeBulk(entry.body, maxOperations, execute);
    } catch (error) {
      if (error instanceof ScimError) return errorResponse(error);
      throw error;
    }
  }

  function rateLimitResponse(at: number): ScimResponse | undefined {
    if (options.requestsPerSecond === undefined) return undefined;
    while (acceptedAt.length > 0 && (acceptedAt[0] ?? 0) <= at - 1000) acceptedAt.shift();
    if (acceptedAt.length < options.requestsPerSecond) {
      acceptedAt.push(at);
      return undefined;
    }
    const headers: Record<string, string> = {};
    if (options.retryAfter !== 'none')
      headers['Retry-After'] = options.retryAfter === 'date' ? new Date(Date.now() + 2000).toUTCString() : '1';
    return errorResponse(new ScimError(429, 'too many requests'), headers);
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
    url: `http://127.0.0.1:${actualPort}${basePath}`,
    port: actualPort,
    token,
    options,
    log,
    users: store.users,
    groups: store.groups,
    seed: (resourceType, resource) => store.create(resourceType, resource).id,
    remove: (resourceType, id) => store.remove(resourceType, id),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface ScimResponse {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function authenticateAndRoute(
  store: ResourceStore,
  options: StrictOptions,
  token: string,
  headers: IncomingHttpHeaders,
  entry: LogEntry,
  query: URLSearchParams,
): ScimResponse {
  try {
    if (headers.authorization?.split('.')[0] !== `Bearer ${token}`) {
      return { ...errorResponse(new ScimError(401, 'no valid token')), headers: { 'WWW-Authenticate': 'Bearer' } };
    }
    return route(store, options, headers, entry, query);
  } catch (error) {
    if (error instanceof ScimError) return errorResponse(error);
    throw error;
  }
}

function route(
  store: ResourceStore,
  options: StrictOptions,
  headers: IncomingHttpHeaders,
  entry: LogEntry,
  query: URLSearchParams,
): ScimResponse {
  const { method, path } = entry;
  if (path === '/ServiceProviderConfig' && method === 'GET') return { status: 200, body: providerConfig(options) };
  const match = /^\/(User|Group)s(?:\/([^/]+))?$/.exec(path);
  if (match === null) throw new ScimError(404, `there is no resource at ${path}`);
  const resourceType = match[1] as ResourceType;
  const id = match[2];
  if (id === undefined) {
    if (method === 'GET') return { status: 200, body: listResponse(store, resourceType, query, options) };
    if (method !== 'POST') throw new ScimError(405, `${method} is not allowed for ${path}`);
    const created = store.create(resourceType, requireJsonBody(headers, entry));
    return {
      status: 201,
      body: renderResource(resourceType, created, query),
      headers: { ...etagHeader(options, created), Location: `${basePath}/${resourceType}s/${created.id}` },
    };
  }
  const stored = store.get(resourceType, id);
  if (method === 'GET')
    return { status: 200, body: renderResource(resourceType, stored, query), headers: etagHeader(options, stored) };
  checkPrecondition(options, headers, stored);
  if (method === 'DELETE') {
    store.remove(resourceType, id);
    return { status: 204 };
  }
  if (method === 'PATCH' && options.patch === false) throw new ScimError(501, 'PATCH is not supported');
  if (method !== 'PATCH' && method !== 'PUT') throw new ScimError(405, `${method} is not allowed for ${path}`);
  const body = requireJsonBody(headers, entry);
  const updated = method === 'PUT' ? store.replace(resourceType, id, body) : store.patch(resourceType, id, body);
  return { status: 200, body: renderResource(resourceType, updated, query), headers: etagHeader(options, updated) };
}

function checkPrecondition(options: StrictOptions, headers: IncomingHttpHeaders, stored: Stored): void {
  if (options.etags !== true) return;
  const expected = headers['if-match'];
  if (expected === undefined && options.requireIfMatch === true) throw new ScimError(428, 'If-Match is required');
  if (expected !== undefined && expected !== '*' && !expected.split(/\s*,\s*/).includes(version(stored)))
    throw new ScimError(412, 'the resource has another version');
}

const version = (stored: Stored): string => `W/"${stored.version}"`;
const etagHeader = (options: StrictOptions, stored: Stored): Record<string, string> =>
  options.etags === true ? { ETag: version(stored) } : {};

function providerConfig(options: StrictOptions): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: options.patch !== false },
    bulk: {
      supported: options.maxBulkOperations !== undefined,
      maxOperations: options.maxBulkOperations ?? 0,
      maxPayloadSize: options.maxBulkOperations === undefined ? 0 : 1_000_000,
    },
    filter: { supported: options.ignoreFilters !== true, maxResults: options.pageLimit ?? 100 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: options.etags === true },
    authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer', description: 'a token' }],
  };
}

function requireJsonBody(headers: IncomingHttpHeaders, entry: LogEntry): unknown {
  if (!/^application\/(scim\+)?json\b/i.test(headers['content-type'] ?? ''))
    throw new ScimError(415, 'send application/scim+json');
  if (!isObject(entry.body)) throw new ScimError(400, 'the body is not a JSON object', 'invalidSyntax');
  return entry.body;
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

const errorResponse = (error: ScimError, headers: Readonly<Record<string, string>> = {}): ScimResponse => ({
  status: error.status,
  body: error.toBody(),
  headers,
});

function send(response: ServerResponse, { status, body, headers = {} }: ScimResponse): void {
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
    // The client closed the connection while it sent the request. The empty text is not parsed as a body.
    return '';
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
}
