import * as z from 'zod';
import { attributeName, directoryProfileSchema, filter } from './directory-schema.ts';
import { expression, fileName, secret, text } from './fields.ts';
import { validityFields } from './validity-fields.ts';
import { changes, keyForm, relink, sanity } from './sanity-fields.ts';

const baseDn = () => z.string().regex(/=/, { error: 'must be a DN such as ou=people,dc=example,dc=com' });

/** The maximum of a timer: 2^31 - 1 ms, 24 days. */
const milliseconds = () => z.int().min(1).max(2_147_483_647);

const bind = z
  .discriminatedUnion(
    'method',
    [
      z
        .strictObject({
          method: z.literal('simple').describe('By DN and password; optional.').exactOptional(),
          dn: text().describe(
            'The account that reads the directory: a DN, or on Active Directory also reader@corp.example.',
          ),
          password: secret().describe('The password.'),
        })
        .describe('A DN and its password (RFC 4513 section 5.1.3).'),
      z
        .strictObject({
          method: z
            .literal('external')
            .describe('The client certificate in tls identifies the account: SASL EXTERNAL.'),
        })
        .describe('By the client certificate (RFC 4422 appendix A).'),
    ],
    // Despite the types, a value that is not an object comes here too.
    {
      error: ({ code }) =>
        (code as string) === 'invalid_type'
          ? 'must be {"dn", "password"} or {"method": "external"}'
          : 'must be "simple" or "external"',
    },
  )
  .describe('The credentials for the directory. Default: anonymous, to which most directories return no entries.');

const tls = z
  .strictObject({
    caFile: fileName()
      .describe("CA of the directory's certificate (PEM), if it is not one of the system's CAs.")
      .exactOptional(),
    certFile: fileName().describe('Client certificate (PEM).').exactOptional(),
    keyFile: fileName().describe('Key of the client certificate (PEM).').exactOptional(),
    serverName: text().describe('The name in the certificate, if it is not the host of the URL.').exactOptional(),
  })
  .describe('Certificates, read before the first connection.');

const users = z
  .strictObject({
    base: baseDn().describe('Search base of users (DN).'),
    filter: filter()
      .describe(
        'Which users: (employeeNumber=*), in addition to the filter of the directory profile; with objectClass it ' +
          'replaces that filter.',
      )
      .exactOptional(),
    key: attributeName()
      .describe('Attribute with the immutable id of a user. Default: that of the directory profile.')
      .exactOptional(),
    active: expression()
      .describe("Expression for active users: user.employeeType != 'left'. Default: inactive of the directory profile.")
      .exactOptional(),
    shadowExpire: z.boolean().default(false).describe('Whether a user with a past shadowExpire is inactive.'),
    ...validityFields,
  })
  .describe('The users.');

const groups = z
  .strictObject({
    base: baseDn().describe('Search base of groups (DN).'),
    filter: filter()
      .describe(
        'Which groups: (cn=app-*), in addition to the filter of the directory profile; with objectClass it ' +
          'replaces that filter.',
      )
      .exactOptional(),
    key: attributeName()
      .describe('Attribute with the immutable id of a group. Default: that of the directory profile.')
      .exactOptional(),
    name: attributeName()
      .describe(
        'Attribute with the name of a group, by which the expressions of users know it. Default: displayName in the ' +
          'mapping of the directory profile, which is cn.',
      )
      .exactOptional(),
    nested: z
      .enum(['flatten', 'keep'])
      .default('flatten')
      .describe(
        'Nested groups. "flatten": members of the inner group are members of the outer one; "keep": the inner ' +
          'group is the member.',
      ),
  })
  .describe('The groups and their members. Default: no groups.');

/** `source` of type `ldap`. */
export const ldapSchema = z.strictObject({
  type: z.literal('ldap'),
  directory: z
    .union([text(), directoryProfileSchema], {
      error: 'must be the name of a directory profile or an object such as {"extends": "openldap"}',
    })
    .default('auto')
    .describe(
      'Directory profile: the name of a built-in one, a profile in place, or "auto", which detects the server.',
    ),
  url: z
    .union([text(), z.array(text()).min(1)], {
      error: 'must be a URL such as ldaps://ldap.example.com, or a list of at least one',
    })
    .describe('ldaps://HOST or ldap://HOST, or a list of them that is tried in this order.'),
  startTls: z.boolean().default(false).describe('Whether StartTLS encrypts an ldap:// connection before the bind.'),
  allowPlaintextPassword: z
    .boolean()
    .default(false)
    .describe(
      'Permits a password over an unencrypted connection; otherwise a simple bind over plain ldap:// is an error.',
    ),
  bind: bind.exactOptional(),
  tls: tls.exactOptional(),
  users,
  groups: groups.exactOptional(),
  pageSize: z.int().min(1).max(2_147_483_647).default(1000).describe('Entries per page.'),
  timeoutMs: milliseconds()
    .default(30_000)
    .describe('Longest silence of the server while a request is running, in milliseconds.'),
  connectTimeoutMs: milliseconds()
    .default(10_000)
    .describe('Limit for connection, TLS and bind together, per URL, in milliseconds.'),
  changes: changes(),
  fullEveryHours: z
    .number()
    .positive()
    .default(24)
    .describe('Longest time between two full reads, in hours, even if incremental reads work.'),
  keyForm: keyForm(),
  relink: relink(),
  sanity,
});
