import * as z from 'zod';
import { commandSchema } from './command-schema.ts';
import { duration, expression, fileName, text } from './fields.ts';
import { httpSchema } from './http-schema.ts';
import { ldapSchema } from './ldap-schema.ts';
import { scimSchema } from './scim-schema.ts';
import { changes, keyForm, relink, sanity } from './sanity-fields.ts';
import { groupsColumn, groupsFields, membershipsFields, usersFields } from './table-fields.ts';

const users = z
  .strictObject({
    file: fileName().describe('CSV file with one row per user, after a header with the names of the columns.'),
    ...usersFields(),
  })
  .describe('The users.');

const groupsFile = z.strictObject({
  file: fileName().describe('CSV file with one row per group.'),
  ...groupsFields(),
});

const memberships = z
  .strictObject({
    file: fileName().describe('CSV file with one row per membership.'),
    ...membershipsFields(),
  })
  .describe('The members of groups.');

const csv = z.strictObject({
  type: z.literal('csv'),
  users,
  groups: z
    .union([groupsFile, groupsColumn], { error: 'must be an object: {"file", "key"} or {"column", "separator"}' })
    .describe("The groups: from a file, or from a column of the users' file. Default: no groups.")
    .exactOptional(),
  memberships: memberships.exactOptional(),
  changes: changes(),
  keyForm: keyForm(),
  relink: relink(),
  settleSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('A scheduled pass of the daemon reads a file only after it has not changed for this time.'),
  maxAge: duration()
    .refine((text) => /[1-9]/.test(text), { error: 'must be longer than 0; without maxAge, no age is checked' })
    .describe('An export that is older, such as "36h" or "7d", is reported; from twice this age on it is refused.')
    .exactOptional(),
  sanity,
});

/** What a source has besides its own settings where there are several. */
const namedFields = {
  primary: z
    .literal(true)
    .describe('States that this source is the primary one, which decides who exists. It is the one without "join".')
    .exactOptional(),
  join: z
    .strictObject({
      on: expression().describe('Value of a record of this source: ad.employeeID in a source with the name ad.'),
      equals: expression().describe('Value of a user of the primary source that it must equal: hr.employee_number.'),
      keyForm: keyForm(),
    })
    .describe('By which equal values the records of this source belong to the users of the primary source.')
    .exactOptional(),
  schedule: text()
    .describe(
      'When the daemon reads this source, in cron notation and in the time zone of the configuration: 0 */4 * * *. ' +
        'Other passes of the daemon use its last accepted reading. Default: every pass reads it.',
    )
    .exactOptional(),
  required: z
    .boolean()
    .describe(
      'Whether a user without a record in this source is not ready: no account is created, and an existing one stays ' +
        'as it is. Default: the attributes of this source are missing for that user.',
    )
    .exactOptional(),
};

const kindOfSource = { error: 'must be "csv", "ldap", "command", "http" or "scim"' };

/** `source`: where users and groups come from. */
export const sourceSchema = z
  .discriminatedUnion('type', [csv, ldapSchema, commandSchema, httpSchema, scimSchema], kindOfSource)
  .describe('Where users and groups come from.');

/** `sources`: the same by name, one primary source and others that are joined to it. */
export const sourcesSchema = z
  .record(
    text(),
    z.discriminatedUnion(
      'type',
      [
        csv.extend(namedFields),
        ldapSchema.extend(namedFields),
        commandSchema.extend(namedFields),
        httpSchema.extend(namedFields),
        scimSchema.extend(namedFields),
      ],
      kindOfSource,
    ),
  )
  .describe(
    'Several sources by name, instead of source. One of them has no "join": it decides which users exist. The others ' +
      'are joined to it, and add attributes.',
  );
