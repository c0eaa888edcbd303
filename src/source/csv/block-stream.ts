import type { KnownBlocks, RowBlock } from '../source.ts';
import { digestOf } from '../table/batch.ts';
import type { RawRecord, RecordList } from '../table/open-table.ts';
import type { Table } from '../table/settings.ts';
import { isBlankRecord } from './blank-record.ts';
import { findCut } from './find-cut.ts';
import { splitRecords } from './record-splitter.ts';
import { maxRecordBytes, quoteNotClosed, tooLongRecord } from './record-stream.ts';

/** Records in one list: as many as make the overhead per list small. */
const listSize = 1000;

/** The part and the columns of the file, for its records and messages. */
type BlockTable = Pick<Table, 'part' | 'delimiter' | 'name'>;

/**
 * Splits UTF-8 bytes into the records below the header, without blank ones, and leaves out the blocks that are known.
 * The bytes of a record are valid until the next list is requested.
 *
 * A block begins and ends with a record. The same bytes from the start of a record are the same records, so whether a
 * known block ends with a record is known, too: it is not looked into.
 *
 *     header, rows │ known │ known │ rows: new bytes │ known │ rows: a cut inside quotes · rows up to the next cut │ …
 *     split        │       │       │ split, block    │       │ split, no block                                     │
 *
 * @param firstLine the number of the line with which the bytes begin
 * @throws IncompleteReading for a file that ends inside quotes, and for a record above the limit
 */
export async function* readBlocks(
  chunks: AsyncIterable<Buffer>,
  table: BlockTable,
  known: KnownBlocks,
  firstLine = 1,
  limit = maxRecordBytes,
): AsyncGenerator<RecordList> {
  const cutter = openCutter(table, firstLine, limit);
  const { part } = table;
  for await (const chunk of chunks) {
    cutter.append(chunk);
    for (let block = cutter.next(); block !== undefined; block = cutter.next()) {
      const { digest } = block;
      if (digest !== undefined && known.has(part, digest)) {
        if (cutter.hasRecords()) yield cutter.takeRecords();
        const lines = await known.skip(part, digest);
        if (lines !== undefined) {
          cutter.skip(block, lines);
          continue;
        }
      }
      cutter.split(block);
      if (cutter.isFull()) yield cutter.takeRecords();
    }
    // The buffer is used again for the next chunk.
    if (cutter.hasRecords()) yield cutter.takeRecords();
  }
  const last = cutter.last();
  if (last.digest !== undefined && known.has(part, last.digest) && (await known.skip(part, last.digest)) !== undefined)
    return;
  cutter.splitLast(last);
  if (cutter.hasRecords()) yield cutter.takeRecords();
}

/** Bytes up to a cut. */
interface Block {
  readonly bytes: Buffer;
  /** Undefined: it contains the header, or does not begin with a record. */
  readonly digest: Buffer | undefined;
}

/** Cuts bytes into blocks, and splits blocks into records. */
function openCutter({ delimiter, name }: BlockTable, firstLine: number, limit: number) {
  const separator = Buffer.from(delimiter);
  let buffer = Buffer.alloc(0);
  /** What no block has taken yet: the start of the next block, or of a record that a cut divides. */
  let rest: Buffer = buffer;
  /** Where the search for a cut begins, in `rest`. */
  let searchFrom = 0;
  /** A cut divided a record: `rest` begins with it. */
  let isDivided = false;
  let hasHeader = false;
  let line = firstLine;
  let records: RawRecord[] = [];
  let blocks: RowBlock[] = [];

  const advance = (length: number): void => {
    rest = rest.subarray(length);
    searchFrom = Math.max(0, searchFrom - length);
  };
  const blockOf = (bytes: Buffer): Block => ({
    bytes,
    digest: isDivided || !hasHeader ? undefined : digestOf(bytes),
  });

  /** @param end what is added to the bytes */
  const split = ({ bytes, digest }: Block, end: Buffer | undefined): number | undefined => {
    const all = end === undefined ? bytes : Buffer.concat([bytes, end]);
    const result = splitRecords(all, line, separator);
    const divided = all.length - result.rest;
    const tooLong = divided > limit ? result.line : result.records.find((record) => record.bytes.length > limit)?.line;
    if (tooLong !== undefined) throw tooLongRecord(name, tooLong, result.openQuote, limit);
    const added = result.records.filter((record) => !isBlankRecord(record.bytes, delimiter));
    const lines = result.line - line - (end === undefined ? 0 : 1);
    line = result.line;
    if (!hasHeader && added.length > 0) {
      hasHeader = true;
      added.shift();
    }
    for (const record of added) records.push(record);
    blocks.push({ digest: divided > 0 ? undefined : digest, rows: added.length, lines });
    isDivided = divided > 0;
    // A record over many cuts is not split again at each of them.
    searchFrom = isDivided ? bytes.length + divided : 0;
    advance(Math.min(result.rest, bytes.length));
    if (!isDivided) searchFrom = 0;
    return result.openQuote;
  };

  return {
    append(chunk: Buffer): void {
      const { length } = rest;
      const needed = length + chunk.length;
      const next = needed > buffer.length ? Buffer.allocUnsafeSlow(needed * 2) : buffer;
      rest.copy(next);
      chunk.copy(next, length);
      buffer = next;
      rest = next.subarray(0, needed);
    },
    /** The next block; undefined: more bytes are needed. */
    next(): Block | undefined {
      const cut = findCut(rest, searchFrom);
      if (cut !== undefined) return blockOf(rest.subarray(0, cut));
      return rest.length > limit ? { bytes: rest, digest: undefined } : undefined;
    },
    /** What remains at the end of the file. */
    last: (): Block => blockOf(rest),
    skip({ bytes }: Block, lines: number): void {
      line += lines;
      advance(bytes.length);
    },
    split(block: Block): void {
      split(block, undefined);
    },
    /** The last record may or may not end with a line break (RFC 4180 section 2, rule 2). */
    splitLast(block: Block): void {
      const openQuote = split(block, Buffer.from('\n'));
      if (openQuote !== undefined) throw quoteNotClosed(name, openQuote);
    },
    hasRecords: (): boolean => records.length > 0,
    isFull: (): boolean => records.length >= listSize,
    takeRecords(): RecordList {
      const list = { records, blocks };
      records = [];
      blocks = [];
      return list;
    },
  };
}
