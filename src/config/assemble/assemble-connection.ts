import { absolutePath } from '../absolute-path.ts';
import type { AuthSettings } from '../../model/http/auth-settings.ts';
import type { TlsConfig } from '../connection-config.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import type { Secret } from '../secrets/secrets.ts';
import { requireDefined } from './require-defined.ts';

/** The secret of a field of `auth`. */
export type SecretOf = (field: string) => Secret | undefined;

/** Credentials: references become secrets. */
export function authConfig(auth: ParsedConfig['targets'][number]['auth'], secretOf: SecretOf): AuthSettings {
  const textOrSecret = (field: string, value: unknown): string =>
    typeof value === 'string' ? value : requireDefined(secretOf(field)).reveal();
  switch (auth.type) {
    case 'none':
      return { type: 'none' };
    case 'bearer':
      return { type: 'bearer', token: requireDefined(secretOf('token')) };
    case 'oauth2':
      return {
        ...auth,
        clientId: textOrSecret('clientId', auth.clientId),
        clientSecret: requireDefined(secretOf('clientSecret')),
      };
    case 'basic':
      return {
        type: 'basic',
        username: textOrSecret('username', auth.username),
        password: requireDefined(secretOf('password')),
      };
    case 'header':
      return { type: 'header', name: auth.name, value: requireDefined(secretOf('value')) };
  }
}

/** PEM files: paths become absolute. */
export function tlsConfig(tls: TlsConfig, folder: string): TlsConfig {
  return Object.fromEntries(
    Object.entries(tls).map(([name, file]: [string, string]) => [name, absolutePath(file, folder)]),
  );
}
