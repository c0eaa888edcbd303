import { IncompleteReading } from '../../model/errors.ts';
import type { Header } from './header.ts';

/** Whether a row's person is active, or why that cannot be told. */
export type Activity = boolean | { readonly error: string };

const yes: ReadonlySet<string> = new Set(['true', '1', 'yes', 'y', 't', 'active', 'enabled']);
const no: ReadonlySet<string> = new Set(['false', '0', 'no', 'n', 'f', 'inactive', 'disabled']);

/** A cell of the `active` column. Anything but a clear word is an error: who is a leaver is never guessed. */
export function activeWord(cell: string): Activity {
  const word = cell.trim().toLowerCase();
  if (yes.has(word)) return true;
  if (no.has(word)) return false;
  const what = word === '' ? 'is blank' : `is ${JSON.stringify(cell.trim().slice(0, 40))}`;
  return { error: `the cell ${what}; write true or false` };
}

/**
 * The column that says who is active where no rule does: the one called `active`, in any case.
 *
 * @returns its index; undefined where there is none, and everybody in the file is active
 * @throws IncompleteReading where several are called so
 */
export function activeColumn({ columns }: Header, name: string): number | undefined {
  const [found, another] = [...columns].filter(([column]) => column.toLowerCase() === 'active');
  if (found !== undefined && another !== undefined) {
    throw new IncompleteReading(
      `${name} has columns "${found[0]}" and "${another[0]}"; which of them says who is active cannot be known. ` +
        'Name the right one in source.users.active, for example "user.' +
        found[0] +
        " == 'true'\".",
    );
  }
  return found?.[1];
}
