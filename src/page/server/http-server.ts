import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';

/** Where and how the server listens. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** PEM texts; undefined: HTTP without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** What a client may take up. A scraper and some browsers need far less. */
const bounds: ServerOptions = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const maxConnections = 64;
const maxRequestsPerConnection = 100;
const idleTimeoutMs = 30_000;

/** Answers requests by a fetch handler. @returns the server, which does not listen yet */
export function createHttpServer(
  { tls }: Pick<ServerSettings, 'tls'>,
  fetch: Parameters<typeof getRequestListener>[0],
): Server {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const handle = (...exchange: Parameters<typeof listener>): void => void listener(...exchange);
  const server =
    tls === undefined
      ? createServer(bounds, handle)
      : createSecureServer({ ...bounds, ...tls, minVersion: 'TLSv1.2' }, handle);
  server.maxConnections = maxConnections;
  server.maxRequestsPerSocket = maxRequestsPerConnection;
  server.setTimeout(idleTimeoutMs);
  return server;
}

/** Listens. @returns the port @throws the error of the operating system, such as EADDRINUSE */
export function listen(server: Server, { host, port }: Pick<ServerSettings, 'host' | 'port'>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
