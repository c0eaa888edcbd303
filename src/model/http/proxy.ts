import { isInRange, parseAddressRange } from './address-range.ts';
import type { Secret } from './auth-settings.ts';
import { isLoopbackHost } from './loopback-host.ts';

/** An HTTP proxy. Messages show its URL. */
export interface Proxy {
  /** `http://proxy.example.com:3128`, without credentials. */
  readonly url: string;
  /** For Basic (RFC 7617); undefined: the proxy asks for no credentials. */
  readonly credentials?: { readonly username: string; readonly password: Secret } | undefined;
}

/** Through which proxy a server is reached. It consists of JSON values and secrets. */
export interface ProxyRules {
  /** For URLs that begin with `http:`; undefined: none. */
  readonly http?: Proxy | undefined;
  /** For URLs that begin with `https:`; undefined: none. */
  readonly https?: Proxy | undefined;
  /** Entries of NO_PROXY. */
  readonly exceptions: readonly string[];
  /** Whether servers on this machine are reached through the proxy, too. */
  readonly includesLoopback: boolean;
}

/** The proxy for requests to a URL; undefined: they are sent directly. */
export function proxyFor(url: URL, rules: ProxyRules | undefined): Proxy | undefined {
  const proxy = url.protocol === 'https:' ? rules?.https : rules?.http;
  if (rules === undefined || proxy === undefined) return undefined;
  if (!rules.includesLoopback && isLoopbackHost(url.hostname)) return undefined;
  return rules.exceptions.some((entry) => covers(entry, url)) ? undefined : proxy;
}

const exceptionPattern = /^(?<host>\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(?<port>\d+))?$/;

/**
 * Whether an entry of NO_PROXY covers a URL. `example.com` is the host and its subdomains, `.example.com` and
 * `*.example.com` are the subdomains only, an address is one host, `10.0.0.0/8` are the addresses of a network, which
 * covers no name, and `*` is every host. A port restricts the entry.
 */
function covers(entry: string, { hostname, port, protocol }: URL): boolean {
  const range = parseAddressRange(entry);
  if (range !== undefined) return isInRange(range, hostname);
  const { host = '', port: onlyPort } = exceptionPattern.exec(entry.toLowerCase())?.groups ?? {};
  if (onlyPort !== undefined && onlyPort !== (port || defaultPorts[protocol])) return false;
  const name = withoutDotAtEnd(host).replace(/^\*(?=\.)/, '');
  if (name === '') return false;
  if (name === '*') return true;
  const own = withoutDotAtEnd(hostname);
  if (name.startsWith('.')) return own.endsWith(name);
  return own === name || own === `[${name}]` || own.endsWith(`.${name}`);
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

const withoutDotAtEnd = (host: string): string => host.replace(/\.$/, '');
