import { z } from 'zod';
import { attributeName, directoryProfileSchema, filter } from './directory-schema.ts';
import { expression, fileName, secret, text } from './fields.ts';
import { changes, sanity } from './sanity-fields.ts';

const baseDn = () => z.string().regex(/=/, { error: 'must be a DN such as ou=people,dc=example,dc=com' });

/** The longest that a timer can wait: 2^31 - 1 ms, 24 days. */
const milliseconds = () => z.int().min(1).max(2_147_483_647);

const bind = z
  .discriminatedUnion(
    'method',
    [
      z
        .strictObject({
          method: z.literal('simple').describe('By DN and password; need not be said.').exactOptional(),
          dn: text().describe('Who reads the directory: a DN, or on Active Directory also reader@corp.example.'),
          password: secret().describe('The password.'),
        })
        .describe('A DN and its password (RFC 4513 section 5.1.3).'),
      z
        .strictObject({
          method: z.literal('external').describe('The client certificate in tls says who we are: SASL EXTERNAL.'),
        })
        .describe('By the client certificate (RFC 4422 appendix A).'),
    ],
    // A value that is no object comes here too, whatever the types say.
    {
      error: ({ code }) =>
        (code as string) === 'invalid_type'
          ? 'must be {"dn", "password"} or {"method": "external"}'
          : 'must be "simple" or "external"',
    },
  )
  .describe('How the directory knows us. Default: not at all, which most directories answer with nothing.');

const tls = z
  .strictObject({
    caFile: fileName()
      .describe("Who signed the directory's certificate (PEM), where the system does not know them.")
      .exactOptional(),
    certFile: fileName().describe('Client certificate (PEM).').exactOptional(),
    keyFile: fileName().describe('Key of the client certificate (PEM).').exactOptional(),
    serverName: text()
      .describe('The name that the certificate must carry, where it is not the host of the URL.')
      .exactOptional(),
  })
  .describe('Certificates, read when the source is first opened.');

const users = z
  .strictObject({
    base: baseDn().describe('DN of the entry below which the people are.'),
    filter: filter()
      .describe(
        'Which people: (employeeNumber=*), on top of the filter of the kind of directory; instead of it where it names objectClass.',
      )
      .exactOptional(),
    key: attributeName()
      .describe('Attribute with the immutable identity of a person. Default: that of the kind of directory.')
      .exactOptional(),
    active: expression()
      .describe(
        "Expression that says who is active: user.employeeType != 'left'. Default: the signs of the kind of directory.",
      )
      .exactOptional(),
    shadowExpire: z.boolean().default(false).describe('Whether a person whose shadowExpire has passed is inactive.'),
  })
  .describe('The people.');

const groups = z
  .strictObject({
    base: baseDn().describe('DN of the entry below which the groups are.'),
    filter: filter()
      .describe(
        'Which groups: (cn=app-*), on top of the filter of the kind of directory; instead of it where it names objectClass.',
      )
      .exactOptional(),
    key: attributeName()
      .describe('Attribute with the immutable identity of a group. Default: that of the kind of directory.')
      .exactOptional(),
    nested: z
      .enum(['flatten', 'keep'])
      .default('flatten')
      .describe(
        'Groups in groups. "flatten": whoever is in the inner group is in the outer one; "keep": the inner group is the member.',
      ),
  })
  .describe('The groups, and who belongs to them. Default: there are none.');

/** `source` of type `ldap`. */
export const ldapSchema = z.strictObject({
  type: z.literal('ldap'),
  directory: z
    .union([text(), directoryProfileSchema], {
      error: 'must be the name of a kind of directory or an object such as {"extends": "openldap"}',
    })
    .default('auto')
    .describe(
      'What the server is like: the name of a built-in kind, a kind in place, or "auto", which asks the server.',
    ),
  url: z
    .union([text(), z.array(text()).min(1)], {
      error: 'must be a URL such as ldaps://ldap.example.com, or a list of at least one',
    })
    .describe('ldaps://HOST or ldap://HOST, or a list of them that is tried in this order.'),
  startTls: z
    .boolean()
    .default(false)
    .describe('Whether an ldap:// connection is encrypted by StartTLS before anything else is said.'),
  allowPlaintextPassword: z
    .boolean()
    .default(false)
    .describe(
      'Says that the password may travel unencrypted; without it a bind with a password over plain ldap:// is refused.',
    ),
  bind: bind.exactOptional(),
  tls: tls.exactOptional(),
  users,
  groups: groups.exactOptional(),
  pageSize: z.int().min(1).max(2_147_483_647).default(1000).describe('Entries that are asked for at a time.'),
  timeoutMs: milliseconds()
    .default(30_000)
    .describe('Milliseconds that the server may be silent while it owes an answer.'),
  connectTimeoutMs: milliseconds()
    .default(10_000)
    .describe('Milliseconds for connection, TLS and bind together, for each URL.'),
  changes: changes(),
  fullEveryHours: z
    .number()
    .positive()
    .default(24)
    .describe('At least so often everything is read, however well changes can be asked for.'),
  sanity,
});
