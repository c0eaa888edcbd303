import { z } from 'zod';
import { expression, fileName, percentage, secret, tables, text } from './fields.ts';
import { guardSchema } from './guard-schema.ts';
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
  .describe('The credentials for the target.');

const tls = z
  .strictObject({
    certFile: fileName().describe('Client certificate (PEM).').exactOptional(),
    keyFile: fileName().describe('Key of the client certificate (PEM).').exactOptional(),
    caFile: fileName()
      .describe("CA of the target's certificate (PEM), if it is not one of the system's CAs.")
      .exactOptional(),
  })
  .describe('Certificates, read before the first request to the target.');

const scope = z
  .strictObject({
    users: expression()
      .describe(
        "Which users are in scope: 'Chat users' in groups, user.department != 'Contractors'. Default: all. A missing " +
          'attribute makes it false.',
      )
      .exactOptional(),
    groups: expression()
      .describe("Which groups are in scope: group.cn.startsWith('app-'). Default: all.")
      .exactOptional(),
    onlyMembers: z
      .boolean()
      .default(false)
      .describe(
        'Whether users are in scope only while they are in a group that is in scope, directly or through other groups.',
      ),
  })
  .prefault({})
  .describe('The users and groups that the target should have.');

const mappingEntries = (example: string) =>
  z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'SCIM path to expression (string) or constant (any other value); null removes a default. An object with value ' +
        'has a policy: {"value": "user.nick", "on": "create"} is set once, {"value": "user.title", "default": ' +
        `"'Employee'"} replaces missing values, {"value": ["user.login", "user.login + '2'"], "unique": true} gives ` +
        `each account the first value that no other account has. ${example}`,
    );

const mapping = z
  .strictObject({
    user: mappingEntries('"userName": "user.mail.lowerAscii()"'),
    group: mappingEntries('"displayName": "group.cn"'),
  })
  .prefault({})
  .describe('The attributes of users and groups. Columns whose names are SCIM paths need no mapping.');

const days = () => z.number().min(0).max(3650);

const leaverAction = () => z.enum(['deactivate', 'delete', 'keep']);

const leavers = z
  .strictObject({
    action: leaverAction()
      .default('deactivate')
      .describe('What happens to users who left the source or became inactive in it.'),
    outOfScope: leaverAction()
      .describe('What happens to users who are in the source but fell out of scope. Default: as action.')
      .exactOptional(),
    deactivateDaysAfter: days()
      .default(0)
      .describe('Users keep their access for this many days after their last day (source.users.validTo).'),
    deleteAfterDays: z
      .number()
      .min(0)
      .describe('Deletes accounts that have been deactivated for this many days. Default: never.')
      .exactOptional(),
    groups: z
      .enum(['empty', 'delete', 'keep'])
      .default('empty')
      .describe(
        'What happens to groups that left the source or the scope. empty: their members are removed, and the group ' +
          'stays with what the application attached to it.',
      ),
  })
  .prefault({})
  .describe('How access is removed.');

const joiners = z
  .strictObject({
    createDaysBefore: days()
      .default(0)
      .describe('An account is created this many days before the start date, inactive until it is activated.'),
    activateDaysBefore: days()
      .default(0)
      .describe('An account is active from this many days before the start date on.'),
  })
  .prefault({})
  .describe('How access begins for users with a start date (source.users.validFrom).');

const verification = z
  .strictObject({
    removals: z
      .int()
      .min(0)
      .default(50)
      .describe('Number of deactivations and deletions of one pass that are all read back.'),
    removalsShare: percentage()
      .default('5%')
      .describe('Share of the removals beyond that number that is read back. One contradiction reads all of them.'),
    firstWrites: z
      .int()
      .min(0)
      .default(3)
      .describe('Number of the first writes of each kind, such as an update of users by PATCH, that are read back.'),
    writesShare: percentage().default('1%').describe('Share of the later writes that is read back.'),
    secondLookMinutes: z
      .number()
      .min(0)
      .default(10)
      .describe('Minutes after which a later pass reads the removals once more.'),
  })
  .prefault({})
  .describe('How many writes are read back after the target answered them.');

/** One element of `targets`. */
export const targetSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
        error:
          'must be made of letters, digits, ".", "_" and "-", begin with a letter or digit, and have at most 63 ' +
          'characters',
      })
      .describe('Name in commands and messages. It identifies the snapshot: a renamed target starts without one.'),
    profile: z
      .union([text(), profileSchema], {
        error: 'must be the name of a profile or an object such as {"extends": "generic"}',
      })
      .default('generic')
      .describe(
        'How the application implements SCIM: the name of a built-in profile, a file whose name ends in .json ' +
          '(such as one that probe wrote), or a profile in place.',
      ),
    url: text().describe('Base URL of its SCIM endpoint, without /Users.'),
    auth,
    tls: tls.exactOptional(),
    scope,
    mapping,
    tables: tables()
      .describe(
        'Tables for the expressions of this target, in addition to the common ones. Same name: this one counts.',
      )
      .exactOptional(),
    joiners,
    leavers,
    limits: limitsSchema.prefault({}).describe('Rates and sizes that override the profile.'),
    guard: guardSchema,
    verification,
    protect: expression()
      .describe(
        "Expression over the mapped resource: scim.userName.startsWith('admin'). Matching accounts are never changed.",
      )
      .exactOptional(),
    adopt: z
      .boolean()
      .default(true)
      .describe('Whether existing accounts are adopted; if not, they are reported as conflicts.'),
  })
  .describe('One application.');
