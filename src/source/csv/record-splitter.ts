import type { RawRecord } from '../table/open-table.ts';

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const notFound = Number.POSITIVE_INFINITY;

/** The complete records of a piece of a file, and where the next one begins. */
export interface SplitResult {
  readonly records: readonly RawRecord[];
  /** Offset of the first incomplete record; the length of the bytes where there is none. */
  readonly rest: number;
  /** The line on which the incomplete record begins. */
  readonly line: number;
  /** The line of a quote that is opened and not closed. */
  readonly openQuote: number | undefined;
}

/**
 * Splits bytes into records without parsing them (RFC 4180 section 2): a record ends at a line break outside quotes, a
 * quote opens only at the start of a field, and a doubled quote inside quotes stands for one quote.
 *
 *     1,Ada,"Countess ⏎ of ""Lovelace""" ⏎        one record on two lines
 *     2,5" pipe ⏎                                 one record: this quote opens nothing (the parser rejects it)
 *
 * Empty lines count as lines, not as records. The bytes of records are views into `bytes`.
 */
export function splitRecords(bytes: Buffer, firstLine: number, delimiter: Buffer): SplitResult {
  const records: RawRecord[] = [];
  let start = 0;
  let line = firstLine;
  let nextQuote = indexOfByte(bytes, quote, 0);
  while (start < bytes.length) {
    if (nextQuote < start) nextQuote = indexOfByte(bytes, quote, start);
    const newline = indexOfByte(bytes, lineFeed, start);
    let end = newline;
    if (nextQuote < newline) {
      const { stop, opened } = endOfRecord(bytes, start, delimiter);
      if (opened !== undefined)
        return { records, rest: start, line, openQuote: line + countLineFeeds(bytes, start, opened) };
      end = stop;
    }
    if (end === notFound) break;
    const stop = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
    if (stop > start)
      records.push({
        line,
        bytes: end === newline ? bytes.subarray(start, stop) : normaliseLineBreaks(bytes.subarray(start, stop)),
      });
    line += end === newline ? 1 : 1 + countLineFeeds(bytes, start, end);
    start = end + 1;
  }
  return { records, rest: start, line, openQuote: undefined };
}

/** Byte by byte, for a record with quotes. @returns the offset of its line break, or of the quote that is still open */
function endOfRecord(
  bytes: Buffer,
  start: number,
  delimiter: Buffer,
): { readonly stop: number; readonly opened?: number } {
  const first = delimiter[0];
  let fieldStart = start;
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === lineFeed) return { stop: at };
    if (byte === quote && at === fieldStart) {
      const closing = closingQuote(bytes, at + 1);
      if (closing === notFound) return { stop: notFound, opened: at };
      at = closing + 1;
    } else if (
      byte === first &&
      (delimiter.length === 1 || delimiter.equals(bytes.subarray(at, at + delimiter.length)))
    ) {
      at += delimiter.length;
      fieldStart = at;
    } else {
      at += 1;
    }
  }
  return { stop: notFound };
}

function closingQuote(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length) {
    if (bytes[at] !== quote) at += 1;
    else if (bytes[at + 1] === quote) at += 2;
    else return at;
  }
  return notFound;
}

function indexOfByte(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? notFound : at;
}

function countLineFeeds(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed, start); at !== -1 && at < end; at = bytes.indexOf(lineFeed, at + 1)) count += 1;
  return count;
}

/** Values and digests must not depend on the kind of line breaks. */
function normaliseLineBreaks(bytes: Buffer): Buffer {
  return bytes.includes('\r\n') ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : bytes;
}
