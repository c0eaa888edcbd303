import * as z from 'zod';
import { auth, proxy, tls } from './connection-fields.ts';
import { driftSchema } from './target/drift-schema.ts';
import { expression, percentage, tables, text } from './fields.ts';
import { guardSchema } from './guard-schema.ts';
import { limitsSchema, profileSchema } from './profile-schema.ts';

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
      .describe('Users keep their access for this many calendar days after their last day (source.users.validTo).'),
    deleteAfterDays: z
      .number()
      .min(0)
      .describe('Deletes accounts that have been inactive for this many calendar days. Default: never.')
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
      .describe('An account is created this many calendar days before the start date, inactive until it is activated.'),
    activateDaysBefore: days()
      .default(0)
      .describe('An account is active from this many calendar days before the start date on.'),
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
    schedule: text()
      .describe(
        'When the daemon lets the target take part in a pass, in cron notation: 30 2 * * *. Default: in every pass. ' +
          'Changes of a live source wait for it, too.',
      )
      .exactOptional(),
    auth,
    tls: tls.exactOptional(),
    proxy,
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
    drift: driftSchema
      .describe('How this target is compared with what it acknowledged. What is absent is as in the common drift.')
      .exactOptional(),
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
