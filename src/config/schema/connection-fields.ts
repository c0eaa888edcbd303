import * as z from 'zod';
import { fileName, secret, text } from './fields.ts';

/** How scimsync authenticates at a server. */
export const auth = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('none') }).describe('No credentials, or a client certificate (tls).'),
      z
        .strictObject({ type: z.literal('bearer'), token: secret().describe('The token.') })
        .describe('Authorization: Bearer (RFC 6750).'),
      z
        .strictObject({
          type: z.literal('oauth2'),
          tokenUrl: text().describe('Token endpoint.'),
          clientId: secret().describe('Client identifier; not a secret, so a literal value is fine.'),
          clientSecret: secret().describe('Client secret.'),
          scope: text().describe('Requested scopes, separated by spaces.').exactOptional(),
          audience: text().describe('Requested audience, if the token endpoint needs one.').exactOptional(),
        })
        .describe('Client credentials (RFC 6749 section 4.4), renewed before expiry and once after a 401.'),
      z
        .strictObject({
          type: z.literal('basic'),
          username: secret().describe('User name; not a secret, so a literal value is fine.'),
          password: secret().describe('Password.'),
        })
        .describe('Authorization: Basic (RFC 7617).'),
      z
        .strictObject({
          type: z.literal('header'),
          // RFC 9110 section 5.6.2: token.
          name: z
            .string()
            .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'must be the name of an HTTP header, such as X-Api-Key' })
            .describe('Name of the header.'),
          value: secret().describe('Value of the header.'),
        })
        .describe('A custom header.'),
    ],
    { error: 'must be "none", "bearer", "oauth2", "basic" or "header"' },
  )
  .default({ type: 'none' })
  .describe('The credentials.');

/** PEM files of a connection. */
export const tls = z
  .strictObject({
    certFile: fileName().describe('Client certificate (PEM).').exactOptional(),
    keyFile: fileName().describe('Key of the client certificate (PEM).').exactOptional(),
    caFile: fileName()
      .describe("CA of the server's certificate (PEM), if it is not one of the system's CAs.")
      .exactOptional(),
  })
  .describe('Certificates, read before the first request.');

/** The proxy of a connection. */
export const proxy = z
  .union(
    [
      z.literal(false),
      text(),
      z.strictObject({
        url: text().describe('URL of the proxy.'),
        username: secret().describe('User name; not a secret, so a literal value is fine.'),
        password: secret().describe('Password.'),
      }),
    ],
    { error: 'must be a URL, an object with url, username and password, or false' },
  )
  .describe(
    'HTTP proxy for all requests, those for tokens included: "http://proxy.example.com:3128", or {"url", "username", ' +
      '"password"}. false: none. Default: that of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).',
  )
  .exactOptional();
