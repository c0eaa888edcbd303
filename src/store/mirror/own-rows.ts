/**
 * The SQL condition that a row of `record` or `source_membership` is of the source whose mirror this is.
 *
 *     id > 0   a row of a reading of this source
 *     id < 0   a group or membership of a joined source, in the mirror of the primary source
 *
 * Planning reads both kinds. A reading compares, counts and removes only its own rows. The sign is in each index, so
 * the condition costs no access to the table.
 *
 * @param row the alias of the row; undefined: the statement names one table
 */
export const isOwnRow = (row?: string): string => `${row === undefined ? '' : `${row}.`}id > 0`;
