import * as z from 'zod';
import { writtenEncodings } from '../../model/reading/encodings.ts';
import { expression, text } from './fields.ts';
import { validityFields } from './validity-fields.ts';

/** Options of every part of a source that consists of rows. */

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
      'Encoding of the rows. A byte order mark overrides it. Default: that of users, which is utf-8 by default.',
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

/** How rows are written, where that is not always CSV. */
export const formatFields = () => ({
  format: z
    .enum(['csv', 'jsonLines'])
    .describe('How rows are written: CSV, or one JSON object in each line. Default: that of users, which is csv.')
    .exactOptional(),
  columns: z
    .array(text())
    .describe('Columns that all JSON objects may lack. Other columns that are used must be in at least one row.')
    .exactOptional(),
});

/** Options of the users, besides where they are. */
export const usersFields = () => ({
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
    .describe('Which of several rows with one key is the user. Default: such rows are rejected if their values differ.')
    .exactOptional(),
  orderBy: text()
    .describe('Column by which these rows are ordered, ascending. Default: the order of the file.')
    .exactOptional(),
});

/** Options of the groups, besides where they are. */
export const groupsFields = () => ({
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

/** Groups from a column of the users. */
export const groupsColumn = z.strictObject({
  column: text().describe("Column of the users' file with the groups of a user."),
  separator: text().default(';').describe('Separator of groups in a cell.'),
});

/** Options of the memberships, besides where they are. */
export const membershipsFields = () => ({
  group: text().describe('Column with the key of the group.'),
  member: text().describe('Column with the key of the member: a user or a group.'),
  delimiter: delimiter(),
  encoding: encoding(),
  skipLines: skipLines(),
  where: where('membership'),
});
