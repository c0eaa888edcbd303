/**
 * The protocol layer of SCIMMY, a third-party npm package, over storage in memory. SCIMMY has a global registry, so
 * each server is a process. It prints its URL and token, and serves /scim/v2, GET /log and GET /state.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

interface ExpressRequest {
  readonly method: string;
  readonly originalUrl: string;
  header(name: string): string | undefined;
}
interface ExpressResponse {
  statusCode: number;
  json(body: unknown): void;
  on(event: 'finish', listener: () => void): void;
}
interface ExpressApp {
  use(...parts: unknown[]): void;
  get(path: string, handler: (request: ExpressRequest, response: ExpressResponse) => void): void;
  listen(port: number, host: string, ready: () => void): Server;
}

// Express has no types of its own. Version 4, because paging parameters are lost with version 5.
const express = createRequire(import.meta.url)('express') as () => ExpressApp;

type Stored = Record<string, unknown> & { id: string };
interface ScimmyRequest {
  readonly id?: string;
  readonly filter?: { match(all: Stored[]): Stored[] };
}

const token = randomUUID();
const resourcesByType = { User: new Map<string, Stored>(), Group: new Map<string, Stored>() };
const log: { method: string; url: string; status: number }[] = [];

function handlers(resourceType: 'User' | 'Group', uniqueAttribute: string): object {
  const all = resourcesByType[resourceType];
  const getStored = (id: string): Stored => {
    const stored = all.get(id);
    if (stored === undefined)
      throw new SCIMMY.Types.Error(404, null as unknown as string, `${resourceType} ${id} does not exist`);
    return stored;
  };
  return {
    ingress: (request: ScimmyRequest, data: Record<string, unknown>): Stored => {
      const uniqueValue = String(data[uniqueAttribute]).toLowerCase();
      const other = [...all.values()].find((stored) => String(stored[uniqueAttribute]).toLowerCase() === uniqueValue);
      if (other !== undefined && other.id !== request.id)
        throw new SCIMMY.Types.Error(409, 'uniqueness', `${uniqueAttribute} ${uniqueValue} exists already`);
      if (request.id !== undefined) getStored(request.id);
      const stored = { ...(JSON.parse(JSON.stringify(data)) as object), id: request.id ?? randomUUID() } as Stored;
      all.set(stored.id, stored);
      return stored;
    },
    egress: (request: ScimmyRequest): Stored | Stored[] => {
      if (request.id !== undefined) return getStored(request.id);
      return request.filter === undefined ? [...all.values()] : request.filter.match([...all.values()]);
    },
    degress: (request: ScimmyRequest): void => {
      all.delete(getStored(request.id ?? '').id);
    },
  };
}

const { Resources, Schemas } = SCIMMY as unknown as {
  Resources: { declare(resource: unknown, config: object): void; User: unknown; Group: unknown };
  Schemas: { EnterpriseUser: unknown };
};
Resources.declare(Resources.User, {
  extensions: [{ schema: Schemas.EnterpriseUser, required: false }],
  ...handlers('User', 'userName'),
});
Resources.declare(Resources.Group, handlers('Group', 'displayName'));

const app = express();
app.use((request: ExpressRequest, response: ExpressResponse, next: () => void) => {
  if (request.originalUrl.startsWith('/scim/'))
    response.on('finish', () =>
      log.push({ method: request.method, url: request.originalUrl, status: response.statusCode }),
    );
  next();
});
app.get('/log', (_request, response) => response.json(log));
app.get('/state', (_request, response) =>
  response.json({ users: [...resourcesByType.User.values()], groups: [...resourcesByType.Group.values()] }),
);
app.use(
  '/scim/v2',
  new (SCIMMYRouters as unknown as new (settings: object) => object)({
    type: 'bearer',
    docUri: 'http://127.0.0.1/',
    handler: (request: ExpressRequest) => {
      if (request.header('authorization') !== `Bearer ${token}`) throw new Error('no valid token');
    },
  }),
);
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(
    `${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`, token })}\n`,
  );
});
