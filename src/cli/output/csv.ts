import { visibleLine } from '../../model/text/visible.ts';

/** What a cell of CSV may hold; null and undefined leave it empty. */
export type CsvCell = string | number | boolean | null | undefined;

/**
 * A text that a spreadsheet could take for a formula: its first character, after quotes and blanks, begins one. The
 * wide forms of these characters begin formulas in some spreadsheets, too.
 */
const formula = /^["'\s]*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/;

function cellText(cell: CsvCell): string {
  const text = String(cell ?? '');
  const safe = formula.test(text) ? `'${text}` : text;
  return visibleLine(safe, false);
}

/**
 * A record of CSV (RFC 4180), without its line end. A text that could be a formula gets an apostrophe in front, also a
 * negative number: only plain digits are numbers. Hidden characters are escaped as everywhere a person reads.
 */
export const csvRecord = (cells: readonly CsvCell[]): string =>
  cells
    .map(cellText)
    .map((text) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
    .join(',');
