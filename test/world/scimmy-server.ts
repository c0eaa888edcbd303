/**
 * The protocol layer of SCIMMY (npm), which nobody here wrote, over storage in memory. Its registry is global, so it is a
 * process of its own (real-application.ts says what it prints). Beside /scim/v2 it has GET /log and GET /state.
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
interface ExpressReply {
  statusCode: number;
  json(body: unknown): void;
  on(event: 'finish', listener: () => void): void;
}
interface ExpressApp {
  use(...parts: unknown[]): void;
  get(path: string, handler: (request: ExpressRequest, reply: ExpressReply) => void): void;
  listen(port: number, host: string, ready: () => void): Server;
}

// Express ships no types and is needed here only; its version 4, because 5 loses the paging parameters.
const express = createRequire(import.meta.url)('express') as () => ExpressApp;

type Stored = Record<string, unknown> & { id: string };
interface Asked {
  readonly id?: string;
  readonly filter?: { match(all: Stored[]): Stored[] };
}

const token = randomUUID();
const memory = { User: new Map<string, Stored>(), Group: new Map<string, Stored>() };
const log: { method: string; url: string; status: number }[] = [];

function handlers(kind: 'User' | 'Group', unique: string): object {
  const all = memory[kind];
  const find = (id: string): Stored => {
    const stored = all.get(id);
    if (stored === undefined) throw new SCIMMY.Types.Error(404, null as unknown as string, `${kind} ${id} is not here`);
    return stored;
  };
  return {
    ingress: (asked: Asked, data: Record<string, unknown>): Stored => {
      const wanted = String(data[unique]).toLowerCase();
      const other = [...all.values()].find((stored) => String(stored[unique]).toLowerCase() === wanted);
      if (other !== undefined && other.id !== asked.id)
        throw new SCIMMY.Types.Error(409, 'uniqueness', `${unique} ${wanted} is taken`);
      if (asked.id !== undefined) find(asked.id);
      const stored = { ...(JSON.parse(JSON.stringify(data)) as object), id: asked.id ?? randomUUID() } as Stored;
      all.set(stored.id, stored);
      return stored;
    },
    egress: (asked: Asked): Stored | Stored[] => {
      if (asked.id !== undefined) return find(asked.id);
      return asked.filter === undefined ? [...all.values()] : asked.filter.match([...all.values()]);
    },
    degress: (asked: Asked): void => {
      all.delete(find(asked.id ?? '').id);
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
app.use((request: ExpressRequest, reply: ExpressReply, next: () => void) => {
  if (request.originalUrl.startsWith('/scim/'))
    reply.on('finish', () => log.push({ method: request.method, url: request.originalUrl, status: reply.statusCode }));
  next();
});
app.get('/log', (_request, reply) => reply.json(log));
app.get('/state', (_request, reply) =>
  reply.json({ users: [...memory.User.values()], groups: [...memory.Group.values()] }),
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
