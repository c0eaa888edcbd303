import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Tunnels } from './tunnels.ts';

/** Keep-alive connections, direct ones and those through proxies. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** Opens no connection yet. */
export function createAgents(options: AgentOptions, tunnels: Tunnels): Agents {
  return {
    httpAgent: withTunnels(new HttpAgent(options), 'http:', tunnels),
    httpsAgent: withTunnels(new HttpsAgent(options), 'https:', tunnels),
  };
}

function withTunnels<A extends HttpAgent>(agent: A, protocol: 'http:' | 'https:', tunnels: Tunnels): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback): Duplex | null | undefined => {
    const end = { protocol, hostname: options.host ?? 'localhost', port: options.port };
    const proxy = tunnels.proxyFor(end);
    if (proxy === undefined) return connect(options, callback);
    tunnels.open(proxy, end).then(
      (socket) => {
        const inTunnel: RequestOptions & { socket: Duplex } = { ...options, socket };
        callback?.(null, protocol === 'https:' ? (connect(inTunnel) as Duplex) : socket);
      },
      // The type of the callback has no form without a connection.
      (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
    );
    return undefined;
  };
  return agent;
}
