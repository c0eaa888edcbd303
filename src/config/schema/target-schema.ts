import { z } from 'zod';
import { expression, fileName, limit, secret, text } from './fields.ts';
import { limitsSchema, profileSchema } from './profile-schema.ts';

const auth = z
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
          clientId: secret().describe('Client identifier; no secret, so it may stand here as text.'),
          clientSecret: secret().describe('Client secret.'),
          scope: text().describe('Scopes to ask for, separated by spaces.').exactOptional(),
          audience: text().describe('Audience to ask for, where the token endpoint wants one.').exactOptional(),
        })
        .describe('Client credentials (RFC 6749 section 4.4), renewed before they expire and once on 401.'),
      z
        .strictObject({
          type: z.literal('basic'),
          username: secret().describe('User name; no secret, so it may stand here as text.'),
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
        .describe('A header of its own.'),
    ],
    { error: 'must be "none", "bearer", "oauth2", "basic" or "header"' },
  )
  .default({ type: 'none' })
  .describe('How the target knows us.');

const tls = z
  .strictObject({
    certFile: fileName().describe('Client certificate (PEM).').exactOptional(),
    keyFile: fileName().describe('Key of the client certificate (PEM).').exactOptional(),
    caFile: fileName()
      .describe("Who signed the target's certificate (PEM), where the system does not know them.")
      .exactOptional(),
  })
  .describe('Certificates, read when the target is first called.');

const scope = z
  .strictObject({
    users: expression()
      .describe(
        "Which people belong there: user.department != 'Contractors'. Default: all. Where an attribute is missing it counts as false.",
      )
      .exactOptional(),
    groups: expression()
      .describe("Which groups belong there: group.cn.startsWith('app-'). Default: all.")
      .exactOptional(),
  })
  .prefault({})
  .describe('Who belongs there.');

const mappingEntries = (example: string) =>
  z
    .record(z.string(), z.unknown())
    .default({})
    .describe(`SCIM path to expression (text) or constant (anything else); null removes a default. ${example}`);

const mapping = z
  .strictObject({
    user: mappingEntries('"userName": "user.mail.lowerAscii()"'),
    group: mappingEntries('"displayName": "group.cn"'),
  })
  .prefault({})
  .describe('How people and groups look there. Columns that are named like SCIM attributes map themselves.');

const leaverAction = () => z.enum(['deactivate', 'delete', 'keep']);

const leavers = z
  .strictObject({
    action: leaverAction()
      .default('deactivate')
      .describe('What happens to people who left the source or became inactive in it.'),
    outOfScope: leaverAction()
      .describe('What happens to people who are in the source but fell out of the scope. Default: as action.')
      .exactOptional(),
    deleteAfterDays: z
      .number()
      .min(0)
      .describe('Deletes what has been deactivated for so many days. Default: never.')
      .exactOptional(),
    groups: z
      .enum(['delete', 'keep'])
      .default('delete')
      .describe('What happens to groups that left the source or the scope.'),
  })
  .prefault({})
  .describe('Removing access.');

const guard = z
  .strictObject({
    maxRemovals: limit()
      .default('5%')
      .describe(
        'Most removals (deactivations, deletions, ended memberships) in one pass: a count, or a share of what the target holds. More are held.',
      ),
    maxRenames: limit()
      .default('10%')
      .describe('Most accounts whose userName or e-mail changes in one pass. More are held.'),
    floor: z.int().min(0).default(10).describe('Percentages never hold so few.'),
  })
  .prefault({})
  .describe('When a plan is not believed without approval.');

/** One element of `targets`. */
export const targetSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
        error:
          'must be made of letters, digits, ".", "_" and "-", begin with a letter or digit, and have at most 63 characters',
      })
      .describe(
        'What commands and messages call it. To rename it is to begin anew: what it holds is remembered by this name.',
      ),
    profile: z
      .union([text(), profileSchema], {
        error: 'must be the name of a profile or an object such as {"extends": "generic"}',
      })
      .default('generic')
      .describe(
        'How the application speaks SCIM: the name of a built-in profile, a file whose name ends in .json (such as one that probe wrote), or a profile in place.',
      ),
    url: text().describe('Base URL of its SCIM endpoint: what stands before /Users.'),
    auth,
    tls: tls.exactOptional(),
    scope,
    mapping,
    leavers,
    limits: limitsSchema.prefault({}).describe('Its pace, where it is not that of the profile.'),
    guard,
    protect: expression()
      .describe(
        "Expression over the mapped resource; what it matches is never changed or removed there: scim.userName.startsWith('admin').",
      )
      .exactOptional(),
    adopt: z
      .boolean()
      .default(true)
      .describe('Whether an account that is already there is taken over; if not, it is reported as a conflict.'),
  })
  .describe('One application.');
