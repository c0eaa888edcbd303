import type { Attributes } from '../../model/record.ts';
import { cellText, type Cell } from './cells.ts';
import type { Header } from './header.ts';

/** The columns to read; cells are split by the separator. */
export type Fields = readonly (readonly [name: string, index: number, separator: string | undefined])[];

/** The columns of the header that are used, in the order of their names, as the mirror has them; undefined: all. */
export function fieldsOf(
  header: Header,
  used: ReadonlySet<string> | undefined,
  separatorOf: (name: string) => string | undefined,
): Fields {
  return [...header.columns]
    .filter(([name]) => used === undefined || used.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, index]) => [name, index, separatorOf(name)]);
}

/** The values of the cells, without blank ones. */
export function attributesOf(cells: readonly (Cell | undefined)[], fields: Fields): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const [name, index, separator] of fields) {
    const values = valuesOf(cells[index] ?? '', separator);
    if (values.length === 0) continue;
    // An assignment to this name would set the prototype.
    if (name === '__proto__') Object.defineProperty(attributes, name, { value: values, enumerable: true });
    else attributes[name] = values;
  }
  return attributes;
}

/** The values of one cell, without blank ones. An element of a list is one value. */
export function valuesOf(cell: Cell, separator: string | undefined): readonly string[] {
  if (typeof cell !== 'string') return withoutBlanks(cell);
  if (separator !== undefined && cell.includes(separator)) return withoutBlanks(cell.split(separator));
  const value = cell.trim();
  return value === '' ? [] : [value];
}

const withoutBlanks = (values: readonly string[]): readonly string[] =>
  values.map((value) => value.trim()).filter((value) => value !== '');

/** A cell as text, without the spaces around it; '' where a short row lacks it. */
export const trimmedCell = (cells: readonly (Cell | undefined)[], index: number): string =>
  cellText(cells[index]).trim();
