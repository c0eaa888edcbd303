import { absolutePath } from '../absolute-path.ts';
import type { AuthSettings } from '../../model/http/auth-settings.ts';
import type { Proxy, ProxyRules } from '../../model/http/proxy.ts';
import type { TlsConfig } from '../connection-config.ts';
import { proxyOrigin } from '../proxy/proxy-url.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import type { Secret } from '../secrets/secrets.ts';
import { requireDefined } from './require-defined.ts';

/** The secret of a field of `auth`, or of `proxy`. */
export type SecretOf = (field: string) => Secret | undefined;

/** Credentials: references become secrets. */
export function authConfig(auth: ParsedConfig['targets'][number]['auth'], secretOf: SecretOf): AuthSettings {
  switch (auth.type) {
    case 'none':
      return { type: 'none' };
    case 'bearer':
      return { type: 'bearer', token: requireDefined(secretOf('token')) };
    case 'oauth2':
      return {
        ...auth,
        clientId: textOrSecret('clientId', auth.clientId, secretOf),
        clientSecret: requireDefined(secretOf('clientSecret')),
      };
    case 'basic':
      return {
        type: 'basic',
        username: textOrSecret('username', auth.username, secretOf),
        password: requireDefined(secretOf('password')),
      };
    case 'header':
      return { type: 'header', name: auth.name, value: requireDefined(secretOf('value')) };
  }
}

/** A value that may be written in the file, such as a user name. */
export const textOrSecret = (field: string, value: unknown, secretOf: SecretOf): string =>
  typeof value === 'string' ? value : requireDefined(secretOf(field)).reveal();

/**
 * The proxy of a connection: the configured one for every server, or else those of the environment.
 *
 * @returns undefined: requests are sent directly
 */
export function proxyConfig(
  proxy: ParsedConfig['targets'][number]['proxy'],
  environment: ProxyRules | undefined,
  secretOf: SecretOf,
): ProxyRules | undefined {
  if (proxy === undefined) return environment;
  if (proxy === false) return undefined;
  const credentials = (): Pick<Proxy, 'credentials'> =>
    typeof proxy === 'string'
      ? {}
      : {
          credentials: {
            username: textOrSecret('username', proxy.username, secretOf),
            password: requireDefined(secretOf('password')),
          },
        };
  const one = { url: proxyOrigin(typeof proxy === 'string' ? proxy : proxy.url), ...credentials() };
  return { http: one, https: one, exceptions: [], includesLoopback: true };
}

/** PEM files: paths become absolute. */
export function tlsConfig(tls: TlsConfig, folder: string): TlsConfig {
  return Object.fromEntries(
    Object.entries(tls).map(([name, file]: [string, string]) => [name, absolutePath(file, folder)]),
  );
}
