import type { Attributes } from '../../model/record.ts';
import type { Header } from './header.ts';

/** The columns to read; cells are split by the separator. */
export type Fields = readonly (readonly [name: string, index: number, separator: string | undefined])[];

/** The columns of the header that are used; undefined: all. */
export function fieldsOf(
  header: Header,
  used: ReadonlySet<string> | undefined,
  separatorOf: (name: string) => string | undefined,
): Fields {
  return [...header.columns]
    .filter(([name]) => used === undefined || used.has(name))
    .map(([name, index]) => [name, index, separatorOf(name)]);
}

/** The values of the cells, without blank ones. */
export function attributesOf(cells: readonly string[], fields: Fields): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const [name, index, separator] of fields) {
    const cell = trimmedCell(cells, index);
    const values =
      separator === undefined || !cell.includes(separator)
        ? [cell].filter((value) => value !== '')
        : splitValues(cell, separator);
    if (values.length === 0) continue;
    // An assignment to this name would set the prototype.
    if (name === '__proto__') Object.defineProperty(attributes, name, { value: values, enumerable: true });
    else attributes[name] = values;
  }
  return attributes;
}

/** The values of one cell, without blank ones. */
export function splitValues(cell: string, separator: string): readonly string[] {
  return cell
    .split(separator)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

/** A cell without the spaces around it; '' where a short row lacks it. */
export function trimmedCell(cells: readonly string[], index: number): string {
  return (cells[index] ?? '').trim();
}
