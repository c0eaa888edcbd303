import { IncompleteReading } from '../../model/errors.ts';
import { requireSingle, type Header } from './header.ts';
import type { Table } from './settings.ts';

/** Whether the user of a row is active, or why that cannot be determined. */
export type ActiveResult = boolean | { readonly error: string };

const trueWords: ReadonlySet<string> = new Set(['true', '1', 'yes', 'y', 't', 'active', 'enabled']);
const falseWords: ReadonlySet<string> = new Set(['false', '0', 'no', 'n', 'f', 'inactive', 'disabled']);

/** Parses a cell of the `active` column. Any other word is an error: whether a user is a leaver is never guessed. */
export function parseActive(cell: string): ActiveResult {
  const word = cell.trim().toLowerCase();
  if (trueWords.has(word)) return true;
  if (falseWords.has(word)) return false;
  const what = word === '' ? 'is blank' : `is ${JSON.stringify(cell.trim().slice(0, 40))}`;
  return { error: `the cell ${what}; write true or false` };
}

/** The column named `active`, ignoring case; the first one where there are several. */
export function activeColumnAmong(columns: readonly string[]): string | undefined {
  return columns.find((column) => column.toLowerCase() === 'active');
}

/**
 * The column named `active`, ignoring case, which applies where no condition is configured.
 *
 * @returns its index; undefined where there is none, and all users in the file are active
 * @throws IncompleteReading where two columns have that name
 */
export function activeColumn(header: Header, table: Table): number | undefined {
  const [first, second] = [...header.columns].filter(([column]) => column.toLowerCase() === 'active');
  if (first !== undefined) requireSingle(header, table, [first[0]]);
  if (first !== undefined && second !== undefined) {
    throw new IncompleteReading(
      'csv.activeColumnAmbiguous',
      `${table.name} has the columns "${first[0]}" and "${second[0]}", and either could be the active flag. ` +
        'Name the right one in source.users.active, for example "user.' +
        first[0] +
        " == 'true'\".",
    );
  }
  return first?.[1];
}
