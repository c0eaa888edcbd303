import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ProxyRules } from '../../model/http/proxy.ts';
import type { ChannelAnswer } from '../../notify/channel.ts';
import { failureOf } from '../../scim/transport/network/network-failure.ts';
import { createTunnels, throughProxy } from '../../scim/transport/network/tunnels.ts';

/**
 * Opens a connection to the server of a URL, as a request would, and closes it without a request: a webhook could take
 * any request for a notification. Never throws because of the server.
 */
export async function reachServer(
  text: string,
  { timeoutMs, proxy: rules }: { readonly timeoutMs: number; readonly proxy: ProxyRules | undefined },
  signal: AbortSignal,
): Promise<ChannelAnswer> {
  const url = new URL(text);
  const tunnels = createTunnels(rules, timeoutMs);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const sockets: Socket[] = [];
  const keep = <T extends Socket>(socket: T): T => {
    sockets.push(socket.on('error', () => undefined));
    return socket;
  };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  try {
    const proxy = tunnels.proxyFor(url);
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    const socket = keep(proxy === undefined ? connectTcp({ host, port }) : await tunnels.open(proxy, url));
    if (proxy === undefined) await once(socket, 'connect', { signal: limit });
    if (url.protocol === 'https:')
      await once(keep(connectTls({ socket, host, ...servername(host) })), 'secureConnect', { signal: limit });
    return { kind: 'accepted', detail: `${url.host} can be reached${throughProxy(text, rules)}; nothing was sent` };
  } catch (error) {
    const detail = limit.aborted
      ? `no connection to ${url.host} within ${timeoutMs / 1000} s`
      : failureOf(error).detail;
    return { kind: 'failed', detail };
  } finally {
    tunnels.close();
    for (const socket of sockets) socket.destroy();
  }
}

/** An address is no name of a server (RFC 6066 section 3). */
const servername = (host: string): { readonly servername?: string } =>
  /^[\d.]+$|:/.test(host) ? {} : { servername: host };
