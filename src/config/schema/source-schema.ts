import { z } from 'zod';
import { writtenEncodings } from '../../model/reading/encodings.ts';
import { duration, expression, fileName, text } from './fields.ts';
import { ldapSchema } from './ldap-schema.ts';
import { validityFields } from './validity-fields.ts';
import { changes, keyForm, relink, sanity } from './sanity-fields.ts';

const delimiter = () =>
  z
    .string()
    .regex(/^[\t !#-~]$/, { error: 'must be one ASCII character such as "," or ";" or "\\t", and no quotation mark' })
    .describe(
      'Separator of cells: one ASCII character. Default: the one that a first line such as "sep=;" names, then that ' +
        'of users, then a comma.',
    )
    .exactOptional();

const encoding = () =>
  z
    .enum(writtenEncodings)
    .describe(
      'Encoding of the file. A byte order mark overrides it. Default: that of users, which is utf-8 by default.',
    )
    .exactOptional();

const skipLines = () =>
  z
    .int()
    .min(0)
    .max(1000)
    .describe('Lines before the header, such as titles. A first line "sep=;" counts. Default: 0.')
    .exactOptional();

const where = (variable: string) =>
  expression()
    .describe(
      `Expression that is false for rows that are no part of the source, such as totals: ${variable}.NAME is a cell ` +
        'of the row. Default: all rows are.',
    )
    .exactOptional();

const users = z
  .strictObject({
    file: fileName().describe('CSV file with one row per user, after a header with the names of the columns.'),
    key: text().describe(
      'Column with the immutable id of a user: an employee number, never an e-mail address or a name.',
    ),
    active: expression()
      .describe(
        "Expression for active users: user.status == 'employed'. Default: the column active, or else all users are " +
          'active.',
      )
      .exactOptional(),
    ...validityFields,
    listSeparator: text()
      .describe('Splits cells with several values, such as "a;b". Default: a cell is one value.')
      .exactOptional(),
    delimiter: delimiter(),
    encoding: encoding(),
    skipLines: skipLines(),
    where: where('user'),
    rows: z
      .enum(['first', 'last', 'anyActive'])
      .describe(
        'Which of several rows with one key is the user. Default: such rows are rejected if their values differ.',
      )
      .exactOptional(),
    orderBy: text()
      .describe('Column by which these rows are ordered, ascending. Default: the order of the file.')
      .exactOptional(),
  })
  .describe('The users.');

const groupsFile = z.strictObject({
  file: fileName().describe('CSV file with one row per group.'),
  key: text().describe('Column with the immutable id of a group.'),
  name: text()
    .describe(
      'Column with the name of a group, by which the expressions of users know it. Default: the column displayName, ' +
        'name or cn, or else the key.',
    )
    .exactOptional(),
  delimiter: delimiter(),
  encoding: encoding(),
  skipLines: skipLines(),
  where: where('group'),
});

const groupsColumn = z.strictObject({
  column: text().describe("Column of the users' file with the groups of a user."),
  separator: text().default(';').describe('Separator of groups in a cell.'),
});

const memberships = z
  .strictObject({
    file: fileName().describe('CSV file with one row per membership.'),
    group: text().describe('Column with the key of the group.'),
    member: text().describe('Column with the key of the member: a user or a group.'),
    delimiter: delimiter(),
    encoding: encoding(),
    skipLines: skipLines(),
    where: where('membership'),
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
  .discriminatedUnion('type', [csv, ldapSchema], { error: 'must be "csv" or "ldap"' })
  .describe('Where users and groups come from.');
