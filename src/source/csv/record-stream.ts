import { IncompleteReading } from '../../model/errors.ts';
import type { RawRecord } from '../table/open-table.ts';
import { splitRecords, type SplitResult } from './record-splitter.ts';

/** In bytes. A longer record means that the file lacks a quote or its line breaks. */
export const maxRecordBytes = 4 * 1024 * 1024;

/**
 * Splits UTF-8 bytes into records, one list per chunk. The bytes of a record are valid until the next list is
 * requested.
 *
 * @param name the name of the file in messages
 * @param firstLine the number of the line with which the bytes begin
 * @throws IncompleteReading for a file that ends inside quotes, and for a record above the limit
 */
export async function* readRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
  name: string,
  limit = maxRecordBytes,
  firstLine = 1,
): AsyncGenerator<readonly RawRecord[]> {
  const separator = Buffer.from(delimiter);
  // The incomplete record, followed by the next chunk.
  let work = Buffer.alloc(0);
  let rest: Buffer = work;
  let line = firstLine;
  const splitBytes = (bytes: Buffer): SplitResult => {
    const result = splitRecords(bytes, line, separator);
    rest = bytes.subarray(result.rest);
    line = result.line;
    const tooLongLine = rest.length > limit ? line : result.records.find((record) => record.bytes.length > limit)?.line;
    if (tooLongLine !== undefined) throw tooLongRecord(name, tooLongLine, result.openQuote, limit);
    return result;
  };
  const appendToRest = (chunk: Buffer): Buffer => {
    const { length } = rest;
    const needed = length + chunk.length;
    const buffer = needed > work.length ? Buffer.allocUnsafeSlow(needed * 2) : work;
    rest.copy(buffer);
    chunk.copy(buffer, length);
    work = buffer;
    return buffer.subarray(0, needed);
  };
  for await (const chunk of chunks) {
    const { records } = splitBytes(appendToRest(chunk));
    if (records.length > 0) yield records;
  }
  // The last record may or may not end with a line break (RFC 4180 section 2, rule 2).
  const { records, openQuote } = splitBytes(Buffer.concat([rest, Buffer.from('\n')]));
  if (openQuote !== undefined) throw quoteNotClosed(name, openQuote);
  if (records.length > 0) yield records;
}

/** @param line the line with the open quote */
export const quoteNotClosed = (name: string, line: number): IncompleteReading =>
  new IncompleteReading(
    'csv.quoteNotClosed',
    `${name} ends inside quotes that open on line ${line}: it is truncated or lacks a quote. ` +
      'Close that quote, or run the export again. Nothing was planned or changed.',
  );

/**
 * @param line the line on which the record begins
 * @param openQuote the line of a quote that is opened and not closed
 * @param limit in bytes
 */
export function tooLongRecord(
  name: string,
  line: number,
  openQuote: number | undefined,
  limit: number,
): IncompleteReading {
  const size = limit >= 1024 * 1024 ? `${limit / 1024 / 1024} MiB` : `${limit} bytes`;
  const what =
    openQuote === undefined
      ? `line ${line} is longer than ${size}: its line breaks are missing, or it is not a CSV file`
      : `the quote that opens on line ${openQuote} is not closed within ${size}`;
  return new IncompleteReading(
    'csv.recordTooLong',
    `${name}: ${what}. Correct the export. Nothing was planned or changed.`,
  );
}
