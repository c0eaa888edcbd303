import { hash } from 'node:crypto';
import { InvariantError } from '../../model/errors.ts';
import type { ParsedRow, SourcePart, RowBatch } from '../source.ts';
import { parseRecords } from './parse-records.ts';
import type { ReadRow } from './rows.ts';
import type { RawRecord } from './record-splitter.ts';

/** Rows in one batch: enough to make the work between batches small, few enough to let the event loop turn. */
const batchSize = 1000;

/** Half of a SHA-256: two of a million rows are alike by chance once in 10^26 readings. In bytes. */
const digestSize = 16;

/** Raw records as batches. Nothing is parsed before somebody asks for it: a row that did not change costs its digest and no more. */
export function* toBatches(
  part: SourcePart,
  records: readonly RawRecord[],
  delimiter: string,
  readRow: ReadRow,
): Generator<RowBatch> {
  for (let start = 0; start < records.length; start += batchSize) {
    const batch = records.slice(start, start + batchSize);
    yield {
      part,
      rows: batch.map(({ line, bytes }) => ({ line, digest: digestOf(bytes) })),
      parse: (indices) =>
        parseRows(
          indices.map((index) => recordAt(batch, index)),
          delimiter,
          readRow,
        ),
    };
  }
}

function digestOf(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer').subarray(0, digestSize);
}

function parseRows(records: readonly RawRecord[], delimiter: string, readRow: ReadRow): readonly ParsedRow[] {
  const cells = parseRecords(
    records.map(({ bytes }) => bytes),
    delimiter,
  );
  return records.map(({ line }, index) => readRow(cells[index] ?? { refused: 'it is no CSV record' }, line));
}

function recordAt(batch: readonly RawRecord[], index: number): RawRecord {
  const record = batch[index];
  if (record === undefined) throw new InvariantError(`row ${index} was asked for of a batch of ${batch.length}`);
  return record;
}
