import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';

/** The cells of one CSV record, or why it cannot be parsed. */
export type CsvCells =
  | readonly string[]
  | {
      readonly refused: string;
      /** Its bytes are invalid in the configured encoding. */
      readonly isUndecodable?: boolean;
    };

const lineFeed = Buffer.from('\n');

/** Parses raw records, one result for each, in their order. An invalid record does not affect the others. */
export function parseRecords(records: readonly Buffer[], delimiter: string): readonly CsvCells[] {
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

function parseRecord(record: Buffer, delimiter: string): CsvCells {
  if (!isUtf8(record)) return { refused: invalidEncodingReason, isUndecodable: true };
  const parsed = tryParse(record, delimiter);
  if (!Array.isArray(parsed))
    return { refused: parseErrorReasons[parsed.code] ?? `it is not valid CSV (${parsed.code})` };
  return parsed[0] ?? { refused: 'it is not a CSV record' };
}

const invalidEncodingReason =
  'it holds bytes that are invalid in its encoding; set the encoding of the export (latin1, utf-16le, …)';

const parseErrorReasons: Readonly<Record<string, string>> = {
  INVALID_OPENING_QUOTE:
    'a quote is inside a cell that does not start with one; quote the whole cell and double the quotes in it',
  CSV_INVALID_CLOSING_QUOTE: 'text follows the closing quote of a cell; double the quotes inside quoted cells',
};

function tryParse(bytes: Buffer, delimiter: string): string[][] | { readonly code: string } {
  try {
    // Rows of the wrong length are rejected later: csv-parse would stop at the first one.
    return parse(bytes, { delimiter, record_delimiter: '\n', relax_column_count: true });
  } catch (error) {
    return { code: String((error as { code?: unknown }).code) };
  }
}
