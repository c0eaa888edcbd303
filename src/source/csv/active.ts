import { IncompleteReading } from '../../model/errors.ts';
import type { Header } from './header.ts';

/** Whether a row's person is active, or why that cannot be told. */
export type ActiveResult = boolean | { readonly error: string };

const trueWords: ReadonlySet<string> = new Set(['true', '1', 'yes', 'y', 't', 'active', 'enabled']);
const falseWords: ReadonlySet<string> = new Set(['false', '0', 'no', 'n', 'f', 'inactive', 'disabled']);

/** A cell of the `active` column. Anything but a clear word is an error: who is a leaver is never guessed. */
export function parseActive(cell: string): ActiveResult {
  const word = cell.trim().toLowerCase();
  if (trueWords.has(word)) return true;
  if (falseWords.has(word)) return false;
  const what = word === '' ? 'is blank' : `is ${JSON.stringify(cell.trim().slice(0, 40))}`;
  return { error: `the cell ${what}; write true or false` };
}

/**
 * The column that says who is active where no condition does: the one called `active`, in any case.
 *
 * @returns its index; undefined where there is none, and everybody in the file is active
 * @throws IncompleteReading where several are called so
 */
export function activeColumn({ columns }: Header, name: string): number | undefined {
  const [first, second] = [...columns].filter(([column]) => column.toLowerCase() === 'active');
  if (first !== undefined && second !== undefined) {
    throw new IncompleteReading(
      'csv.activeColumnAmbiguous',
      `${name} has columns "${first[0]}" and "${second[0]}"; which of them says who is active cannot be known. ` +
        'Name the right one in source.users.active, for example "user.' +
        first[0] +
        " == 'true'\".",
    );
  }
  return first?.[1];
}
