/** A secret that is readable only through `reveal`, so that logs cannot contain it. */
export interface Secret {
  reveal(): string;
}

/** How scimsync authenticates at a target. Client certificates belong to the connection. */
export type AuthSettings =
  | { readonly type: 'none' }
  /** RFC 6750. */
  | { readonly type: 'bearer'; readonly token: Secret }
  /** RFC 7617. */
  | { readonly type: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly type: 'header'; readonly name: string; readonly value: Secret }
  /** Client credentials, RFC 6749 section 4.4. */
  | {
      readonly type: 'oauth2';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope?: string;
      readonly audience?: string;
    };
