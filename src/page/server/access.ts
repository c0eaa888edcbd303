import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may read the page. */
export interface AccessRules {
  /** Only this computer reaches the server. */
  readonly isLoopback: boolean;
  readonly token: string | undefined;
  /** The addresses of the proxy; undefined: there is none. */
  readonly proxy: ReadonlySet<string> | undefined;
}

/** What decides whether a request is answered. */
export interface AccessRequest {
  readonly method: string;
  readonly host: string | undefined;
  /** The address of the other end of the connection. */
  readonly address: string;
  readonly authorization: string | undefined;
  /** `X-Forwarded-For` and `X-Forwarded-Proto`, which count only from the proxy. */
  readonly forwardedFor: string | undefined;
  readonly forwardedProto: string | undefined;
  /** Health is no secret, and the probes of orchestrators send no token. */
  readonly isPublic: boolean;
}

/** `unknown`: the token is missing. `wrong`: another one. `blocked`: the token was not looked at. */
export type Access =
  | { readonly kind: 'allowed' | 'unknown' | 'blocked' }
  | { readonly kind: 'wrong'; readonly client: string }
  | { readonly kind: 'refused'; readonly status: 403 | 405; readonly message: string };

/** Judges a request before anything is read for it. */
export function judgeAccess(
  request: AccessRequest,
  rules: AccessRules,
  isBlocked: (client: string) => boolean,
): Access {
  const { method, isPublic } = request;
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'This page only answers GET and HEAD.');
  return refusalOfOrigin(request, rules) ?? (isPublic ? allowed : judgeToken(request, rules, isBlocked));
}

const allowed: Access = { kind: 'allowed' };

const refused = (status: 403 | 405, message: string): Access => ({ kind: 'refused', status, message });

/** Why the place that a request comes from is refused; undefined: it is not. */
function refusalOfOrigin(
  { host, address, forwardedProto }: AccessRequest,
  { isLoopback, proxy }: AccessRules,
): Access | undefined {
  const from = plainAddress(address);
  if (proxy !== undefined) {
    const isLocal = isLoopbackAddress(from);
    if (!proxy.has(from) && !isLocal) return refused(403, 'Use the address of the proxy: this server answers only it.');
    return proxy.has(from) && forwardedProto !== undefined && lastOf(forwardedProto) !== 'https'
      ? refused(403, 'Use https: the page names people.')
      : undefined;
  }
  // A page of another site whose name leads to this computer (DNS rebinding) sends the name of that site.
  if (isLoopback && !isLoopbackName(host)) return refused(403, 'Use http://127.0.0.1 or http://localhost.');
  return undefined;
}

function judgeToken(
  { authorization, address, forwardedFor }: AccessRequest,
  { token, proxy }: AccessRules,
  isBlocked: (client: string) => boolean,
): Access {
  if (token === undefined) return allowed;
  const given = tokenOf(authorization);
  if (given === undefined) return { kind: 'unknown' };
  const from = plainAddress(address);
  const client = proxy?.has(from) === true ? (lastOf(forwardedFor) ?? from) : from;
  if (isBlocked(client)) return { kind: 'blocked' };
  return isSame(given, token) ? allowed : { kind: 'wrong', client };
}

/** The token of `Bearer TOKEN` (RFC 6750), or the password of `Basic` (RFC 7617) with any user name. */
function tokenOf(authorization: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (/^bearer$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return undefined;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : undefined;
}

/** Compares digests in constant time, because equal lengths would be visible otherwise. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The nearest proxy adds the last value; those before it came with the request. */
const lastOf = (list: string | undefined): string | undefined => list?.split(',').at(-1)?.trim();

/** `::ffff:10.0.0.1` → `10.0.0.1`: a socket for IPv6 shows IPv4 so. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const isLoopbackAddress = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** Whether the Host header (RFC 9110 section 7.2) names this computer. */
const isLoopbackName = (host: string | undefined): boolean =>
  host !== undefined && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
