import type { Secret } from './secrets/secrets.ts';

/** How scimsync authenticates at a target. */
export type AuthConfig =
  | { readonly type: 'none' }
  /** RFC 6750. */
  | { readonly type: 'bearer'; readonly token: Secret }
  /** Client credentials, RFC 6749 section 4.4. */
  | {
      readonly type: 'oauth2';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope?: string;
      readonly audience?: string;
    }
  /** RFC 7617. */
  | { readonly type: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly type: 'header'; readonly name: string; readonly value: Secret };

/** PEM files, absolute. A client certificate needs both of its files. */
export interface TlsConfig {
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Certificate authorities of the server, if the system does not trust them already. */
  readonly caFile?: string;
}
