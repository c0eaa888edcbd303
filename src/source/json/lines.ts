import { IncompleteReading } from '../../model/errors.ts';
import type { RawRecord } from '../table/open-table.ts';

/** In bytes. A longer line means that its line break is missing. */
export const maxLineBytes = 4 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const blank = /^[\s\0]*$/;

/**
 * Splits bytes into lines, one list per chunk, without blank lines and a byte order mark. The bytes of a line are valid
 * until the next list is requested.
 *
 * @param name the name of the content in messages
 * @throws IncompleteReading for a line above the limit
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  name: string,
  limit = maxLineBytes,
): AsyncGenerator<readonly RawRecord[]> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  const split = (bytes: Buffer): readonly RawRecord[] => {
    const records: RawRecord[] = [];
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      const stop = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
      const from = line === 1 && start === 0 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : start;
      if (stop - from > limit) throw lineTooLong(name, line, limit);
      const record = { line, bytes: bytes.subarray(from, stop) };
      if (!isBlank(record.bytes)) records.push(record);
      line += 1;
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
    if (rest.length > limit) throw lineTooLong(name, line, limit);
    return records;
  };
  for await (const chunk of chunks) {
    const records = split(Buffer.concat([rest, chunk]));
    if (records.length > 0) yield records;
  }
  if (rest.length === 0) return;
  const records = split(Buffer.concat([rest, Buffer.from('\n')]));
  if (records.length > 0) yield records;
}

/** Nearly every line begins with a brace, so that its text is hardly ever needed. */
const isBlank = (bytes: Buffer): boolean => (bytes[0] ?? 0) <= 0x20 && blank.test(bytes.toString('latin1'));

const lineTooLong = (name: string, line: number, limit: number): IncompleteReading =>
  new IncompleteReading(
    'json.lineTooLong',
    `${name}: line ${line} is longer than ${Math.floor(limit / 1024)} KiB: its line breaks are missing, or it is not ` +
      'JSON lines. Correct the export. Nothing was planned or changed.',
  );
