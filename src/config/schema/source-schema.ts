import { z } from 'zod';
import { expression, fileName, text } from './fields.ts';
import { ldapSchema } from './ldap-schema.ts';
import { changes, sanity } from './sanity-fields.ts';

const delimiter = () =>
  z
    .string()
    .regex(/^[\t !#-~]$/, { error: 'must be one ASCII character such as "," or ";" or "\\t", and no quotation mark' })
    .describe(
      'What separates the cells of a line: one ASCII character. Default: that of users, which is a comma by default.',
    )
    .exactOptional();

const encoding = () =>
  z
    .enum(['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin1'])
    .describe(
      'What the bytes of the file mean. A byte order mark in the file wins over it. Default: that of users, which is utf-8 by default.',
    )
    .exactOptional();

const users = z
  .strictObject({
    file: fileName().describe('CSV file with one line per person, the first line naming the columns.'),
    key: text().describe(
      'Column with the immutable identity of a person: an employee number, never an e-mail address or a name.',
    ),
    active: expression()
      .describe(
        'Expression that says who is active: user.end_date == \'\'. Default: the column "active" where there is one, otherwise everybody is.',
      )
      .exactOptional(),
    listSeparator: text()
      .describe('Splits cells that hold several values, such as "a;b". Default: a cell is one value.')
      .exactOptional(),
    delimiter: delimiter(),
    encoding: encoding(),
  })
  .describe('The people.');

const groupsFile = z.strictObject({
  file: fileName().describe('CSV file with one line per group.'),
  key: text().describe('Column with the immutable identity of a group.'),
  delimiter: delimiter(),
  encoding: encoding(),
});

const groupsColumn = z.strictObject({
  column: text().describe("Column of the users' file that names the groups of a person."),
  separator: text().default(';').describe('What stands between two groups in a cell.'),
});

const memberships = z
  .strictObject({
    file: fileName().describe('CSV file with one line per membership.'),
    group: text().describe('Column with the key of the group.'),
    member: text().describe('Column with the key of the member: a person or a group.'),
    delimiter: delimiter(),
    encoding: encoding(),
  })
  .describe('Who belongs to which group.');

const csv = z.strictObject({
  type: z.literal('csv'),
  users,
  groups: z
    .union([groupsFile, groupsColumn], { error: 'must be an object: {"file", "key"} or {"column", "separator"}' })
    .describe("The groups: from a file of their own, or from a column of the users' file. Default: there are none.")
    .exactOptional(),
  memberships: memberships.exactOptional(),
  changes: changes(),
  sanity,
});

/** `source`: where people and groups come from. */
export const sourceSchema = z
  .discriminatedUnion('type', [csv, ldapSchema], { error: 'must be "csv" or "ldap"' })
  .describe('Where people and groups come from.');
