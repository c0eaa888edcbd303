import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';

/** The cells of one record as they stand in the file, or why it has none. */
export type Cells = readonly string[] | { readonly refused: string };

const lineFeed = Buffer.from('\n');

/** Parses raw records, one result each, in their order. One that cannot be read costs the others nothing but time. */
export function parseRecords(records: readonly Buffer[], delimiter: string): readonly Cells[] {
  if (records.length === 0) return [];
  const [only] = records;
  if (records.length === 1 && only !== undefined) return [parseRecord(only, delimiter)];
  const bytes = Buffer.concat(records.flatMap((record) => [record, lineFeed]));
  if (isUtf8(bytes)) {
    const parsed = tryParse(bytes, delimiter);
    if (Array.isArray(parsed) && parsed.length === records.length) return parsed;
  }
  const middle = records.length >>> 1;
  return [...parseRecords(records.slice(0, middle), delimiter), ...parseRecords(records.slice(middle), delimiter)];
}

function parseRecord(record: Buffer, delimiter: string): Cells {
  if (!isUtf8(record)) return { refused: invalidEncodingReason };
  const parsed = tryParse(record, delimiter);
  if (!Array.isArray(parsed)) return { refused: parseErrorReasons[parsed.code] ?? `it is no CSV (${parsed.code})` };
  return parsed[0] ?? { refused: 'it is no CSV record' };
}

const invalidEncodingReason =
  'it holds bytes that its encoding does not have; set the encoding that the export is written in (latin1, utf-16le, …)';

const parseErrorReasons: Readonly<Record<string, string>> = {
  INVALID_OPENING_QUOTE:
    'a quote stands inside a cell that does not begin with one; quote the whole cell and double the quotes in it',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the quote that closes a cell; double the quotes inside quoted cells',
};

function tryParse(bytes: Buffer, delimiter: string): string[][] | { readonly code: string } {
  try {
    // Ragged rows are ours to report: csv-parse would stop at the first.
    return parse(bytes, { delimiter, record_delimiter: '\n', relax_column_count: true });
  } catch (error) {
    return { code: String((error as { code?: unknown }).code) };
  }
}
