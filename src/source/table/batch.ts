import { hash } from 'node:crypto';
import { InvariantError } from '../../model/errors.ts';
import type { ParsedRow, RowBatch } from '../source.ts';
import type { OpenTable, RawRecord, RecordList } from './open-table.ts';
import type { ReadRow } from './rows.ts';

/** Rows in one batch: enough to make the overhead per batch small, few enough to keep the event loop responsive. */
const batchSize = 1000;

/** The first half of a SHA-256, in bytes: two of a million rows collide once in 10^26 readings. */
const digestSize = 16;

/**
 * Raw records as batches. Rows are parsed on request only: an unchanged row costs its digest and no more. Records in
 * blocks are one batch.
 */
export function* toBatches(
  { table: { part }, parse }: Pick<OpenTable, 'table' | 'parse'>,
  { records, blocks }: RecordList,
  readRow: ReadRow,
): Generator<RowBatch> {
  const size = blocks === undefined ? batchSize : Math.max(1, records.length);
  for (let start = 0; start < records.length; start += size) {
    const batch = records.slice(start, start + size);
    yield {
      part,
      ...(blocks === undefined ? {} : { blocks }),
      rows: batch.map(({ line, bytes }) => ({ line, digest: digestOf(bytes) })),
      parse: (indices) =>
        parseRows(
          indices.map((index) => recordAt(batch, index)),
          parse,
          readRow,
        ),
    };
  }
}

/** The digest of a row or of a block. */
export function digestOf(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer').subarray(0, digestSize);
}

function parseRows(records: readonly RawRecord[], parse: OpenTable['parse'], readRow: ReadRow): readonly ParsedRow[] {
  const cells = parse(records.map(({ bytes }) => bytes));
  return records.map((record, index) => readRow(cells[index] ?? { refused: 'it is not a record' }, record));
}

function recordAt(batch: readonly RawRecord[], index: number): RawRecord {
  const record = batch[index];
  if (record === undefined) throw new InvariantError(`row ${index} was requested from a batch of ${batch.length}`);
  return record;
}
