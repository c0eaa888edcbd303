import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { proxyFor, type Proxy, type ProxyRules } from '../../../model/http/proxy.ts';
import { failureOf } from './network-failure.ts';

/**
 * The proxy gave no connection to the server. The message names the proxy, and states nothing about the server. The
 * code is one of those that occur before the request is written.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'ERR_PROXY';
}

/** A server to which a connection is needed. */
export interface TunnelEnd {
  readonly protocol: string;
  /** An IPv6 address may be in brackets, as in a URL. */
  readonly hostname: string;
  /** Undefined or empty: that of the protocol. */
  readonly port?: string | number | null | undefined;
}

/** Connections through proxies. */
export interface Tunnels {
  /** The proxy for a server; undefined: it is reached directly. */
  proxyFor(end: TunnelEnd): Proxy | undefined;
  /**
   * Opens a connection to a server through a proxy. It carries what a direct one would carry: TLS begins there.
   *
   * @throws ProxyError
   */
  open(proxy: Proxy, end: TunnelEnd): Promise<Socket>;
  /** Ends the connections that are not established yet. */
  close(): void;
}

/**
 * Opens tunnels with CONNECT (RFC 9110 section 9.3.6), also for `http:` URLs: an answer in a tunnel is always that of
 * the server, and one of the proxy never is.
 *
 * @param timeoutMs until the proxy has answered
 */
export function createTunnels(rules: ProxyRules | undefined, timeoutMs: number): Tunnels {
  const connecting = new Set<ClientRequest>();
  let isClosed = false;

  return {
    proxyFor: (end) => (rules === undefined ? undefined : proxyFor(urlOf(end), rules)),
    async open(proxy, end) {
      const request = await connectRequest(proxy, urlOf(end));
      if (isClosed) request.destroy();
      connecting.add(request);
      const deadline = setTimeout(
        () => request.destroy(new Error(`no connection to ${end.hostname} within ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      try {
        return await tunnelOf(request, end);
      } catch (error) {
        throw new ProxyError(`the proxy ${proxy.url} ${(error as Error).message}`);
      } finally {
        clearTimeout(deadline);
        connecting.delete(request);
      }
    },
    close() {
      isClosed = true;
      for (const request of connecting) request.destroy();
    },
  };
}

/** The end of a message about a request that got no connection: ` through the proxy URL`, or nothing. */
export function throughProxy(url: string, rules: ProxyRules | undefined): string {
  const proxy = proxyFor(new URL(url), rules);
  return proxy === undefined ? '' : ` through the proxy ${proxy.url}`;
}

async function connectRequest(proxy: Proxy, { hostname, port, protocol }: URL): Promise<ClientRequest> {
  const at = new URL(proxy.url);
  const { request } = at.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const authority = `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
  const headers = { host: authority, ...authorization(proxy) };
  return request(at, { method: 'CONNECT', path: authority, headers, agent: false });
}

function authorization({ credentials }: Proxy): Readonly<Record<string, string>> {
  if (credentials === undefined) return {};
  const text = `${credentials.username}:${credentials.password.reveal()}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}

/** Sends the request. @throws Error with the predicate of a sentence whose subject is the proxy */
function tunnelOf(request: ClientRequest, end: TunnelEnd): Promise<Socket> {
  return new Promise((resolve, reject) => {
    request.once('error', (error) => reject(new Error(`cannot be used: ${failureOf(error).detail}`)));
    request.once('response', (response) => {
      reject(new Error(refusal(response, end)));
      request.destroy();
    });
    request.once('connect', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      const isOpen = response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300;
      if (isOpen && head.length === 0) return resolve(socket);
      socket.destroy();
      reject(new Error(isOpen ? `sent ${head.length} bytes before the server could` : refusal(response, end)));
    });
    request.end();
  });
}

function refusal({ statusCode }: IncomingMessage, { hostname }: TunnelEnd): string {
  return statusCode === 407
    ? 'answered 407: it asks for credentials, or refuses these; correct them'
    : `answered ${statusCode}: it gives no connection to ${hostname}`;
}

function urlOf({ protocol, hostname, port }: TunnelEnd): URL {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return new URL(`${protocol}//${host}:${port ?? ''}`);
}
