import { IncompleteReading } from '../../model/errors.ts';
import { splitRecords, type RawRecord, type SplitResult } from './record-splitter.ts';

/** No record of people is longer; what is longer is a file that lost a quote or its line breaks. In bytes. */
export const maxRecordBytes = 4 * 1024 * 1024;

/**
 * Cuts UTF-8 bytes into records, in lists as they come. The bytes of a record stay valid until the next list is asked for.
 *
 * @param name what the file is called in messages
 * @throws IncompleteReading at the end of a file inside quotes, and for a record above the limit
 */
export async function* readRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
  name: string,
  limit = maxRecordBytes,
): AsyncGenerator<readonly RawRecord[]> {
  const separator = Buffer.from(delimiter);
  // An unfinished record, and behind it the next chunk.
  let work = Buffer.alloc(0);
  let rest: Buffer = work;
  let line = 1;
  const splitBytes = (bytes: Buffer): SplitResult => {
    const result = splitRecords(bytes, line, separator);
    rest = bytes.subarray(result.rest);
    line = result.line;
    const tooLongLine = rest.length > limit ? line : result.records.find((record) => record.bytes.length > limit)?.line;
    if (tooLongLine !== undefined) throw recordTooLong(name, tooLongLine, result.openQuote, limit);
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
  if (openQuote !== undefined) {
    throw new IncompleteReading(
      'csv.quoteNotClosed',
      `${name} ends inside quotes that open on line ${openQuote}, so it is cut off or lacks a quote. ` +
        'Close that quote, or let the export run again; until then nothing is planned from it.',
    );
  }
  if (records.length > 0) yield records;
}

function recordTooLong(name: string, line: number, openQuote: number | undefined, limit: number): IncompleteReading {
  const size = limit >= 1024 * 1024 ? `${limit / 1024 / 1024} MiB` : `${limit} bytes`;
  const what =
    openQuote === undefined
      ? `line ${line} is longer than ${size}, so its line breaks are missing or it is no CSV file`
      : `the quote that opens on line ${openQuote} is not closed within ${size}`;
  return new IncompleteReading(
    'csv.recordTooLong',
    `${name}: ${what}. Correct the export; until then nothing is planned from it.`,
  );
}
