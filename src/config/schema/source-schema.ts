import { z } from 'zod';
import { commandSchema } from './command-schema.ts';
import { duration, fileName } from './fields.ts';
import { httpSchema } from './http-schema.ts';
import { ldapSchema } from './ldap-schema.ts';
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

/** `source`: where users and groups come from. */
export const sourceSchema = z
  .discriminatedUnion('type', [csv, ldapSchema, commandSchema, httpSchema], {
    error: 'must be "csv", "ldap", "command" or "http"',
  })
  .describe('Where users and groups come from.');
