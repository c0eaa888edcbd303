import { parseAddressRange } from '../../model/http/address-range.ts';
import type { Proxy, ProxyRules } from '../../model/http/proxy.ts';
import { errorAt, warningAt, type Diagnostic } from '../issues.ts';
import { Secret } from '../secrets/secret.ts';
import { proxyOrigin, proxyUrlMistake } from './proxy-url.ts';

/** The proxies that the environment names. */
export interface EnvironmentProxies {
  /** Undefined: it names none. */
  readonly rules: ProxyRules | undefined;
  readonly secrets: readonly Secret[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Where nothing is sent. */
export const noProxies: EnvironmentProxies = { rules: undefined, secrets: [], diagnostics: [] };

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY. The spelling in lower case comes first, as in curl; an empty variable
 * names nothing.
 */
export function readEnvironmentProxies(env: Readonly<Record<string, string | undefined>>): EnvironmentProxies {
  const [http, https] = ['HTTP_PROXY', 'HTTPS_PROXY'].map((name) => readProxy(name, env));
  const exceptions = (variable('NO_PROXY', env)?.value ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  const found = [http, https].filter((one) => one !== undefined);
  const hasProxy = found.some(({ proxy }) => proxy !== undefined);
  return {
    rules: hasProxy ? { http: http?.proxy, https: https?.proxy, exceptions, includesLoopback: false } : undefined,
    secrets: found.flatMap(({ secrets }) => secrets),
    diagnostics: [
      ...found.flatMap(({ diagnostics }) => diagnostics),
      ...(hasProxy ? exceptions.filter(isWrongRange).map(wrongRange) : []),
    ],
  };
}

const isWrongRange = (entry: string): boolean => entry.includes('/') && parseAddressRange(entry) === undefined;

/** A server that it should cover is reached through the proxy, which a firewall may refuse, and exposes nothing. */
const wrongRange = (entry: string): Diagnostic =>
  warningAt(
    'config.proxy',
    [],
    `the entry ${JSON.stringify(entry)} of the environment variable NO_PROXY covers no server: a range of addresses ` +
      'is written as 10.0.0.0/8, and a server without a scheme and a path',
  );

interface FoundProxy extends Pick<EnvironmentProxies, 'secrets' | 'diagnostics'> {
  readonly proxy?: Proxy;
}

function readProxy(variableName: string, env: Readonly<Record<string, string | undefined>>): FoundProxy | undefined {
  const found = variable(variableName, env);
  if (found === undefined) return undefined;
  const { name, value } = found;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const mistake = proxyUrlMistake(text);
  if (mistake !== undefined) return wrong(`the environment variable ${name} names a proxy, and its URL ${mistake}`);
  const url = new URL(text);
  if (url.username === '' && url.password === '') return { proxy: { url: proxyOrigin(text) }, ...nothing };
  const username = decode(url.username);
  const password = decode(url.password);
  if (username === undefined || password === undefined)
    return wrong(`the credentials in the environment variable ${name} have a "%" that begins no escape; write %25`);
  const secret = new Secret(password);
  // A token may be in the place of the user name.
  const secrets = password === '' ? [new Secret(username)] : [secret];
  return { proxy: { url: proxyOrigin(text), credentials: { username, password: secret } }, secrets, diagnostics: [] };
}

const nothing = { secrets: [], diagnostics: [] };

const wrong = (message: string): FoundProxy => ({ secrets: [], diagnostics: [errorAt('config.proxy', [], message)] });

function variable(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly name: string; readonly value: string } | undefined {
  for (const spelling of [name.toLowerCase(), name]) {
    const value = env[spelling]?.trim();
    if (value !== undefined && value !== '') return { name: spelling, value };
  }
  return undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
