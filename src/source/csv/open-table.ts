import { createHash } from 'node:crypto';
import { IncompleteReading } from '../../model/errors.ts';
import { detectEncoding, toUtf8, type DetectedEncoding } from './encoding.ts';
import { readChunks, type FileState } from './file.ts';
import { parseHeader, type Header } from './header.ts';
import { readRecords } from './record-stream.ts';
import type { CsvTable } from './settings.ts';
import type { RawRecord } from './record-splitter.ts';

/** A file and its state when the source was opened. */
export interface OpenTable {
  readonly table: CsvTable;
  readonly state: FileState;
  readonly detected: DetectedEncoding;
  readonly header: Header;
}

/**
 * Reads the whole file for its hash, then its header.
 *
 * @throws IncompleteReading where the file cannot be read, is empty, changes meanwhile, or has an invalid header
 */
export async function openTable(table: CsvTable, signal: AbortSignal): Promise<OpenTable> {
  const chunks = readChunks(table, signal);
  let head: Buffer = Buffer.alloc(0);
  let next = await chunks.next();
  while (next.done !== true) {
    // A byte order mark has at most three bytes.
    if (head.length < 3) head = Buffer.concat([head, next.value]);
    next = await chunks.next();
  }
  const state = next.value;
  const detected = detectEncoding(head, table.encoding, table.name);
  const header = parseHeader(await firstRecord(table, detected, signal), table);
  return { table, state, detected, header };
}

/**
 * The records below the header. @throws IncompleteReading, at the end too, where the file has changed since it was
 * opened
 */
export async function* dataRecords(
  { table, state, detected }: OpenTable,
  signal: AbortSignal,
): AsyncGenerator<readonly RawRecord[]> {
  let isHeaderSkipped = false;
  for await (const records of readRecords(
    toUtf8(readChunks(table, signal, state), detected),
    table.delimiter,
    table.name,
  )) {
    yield isHeaderSkipped ? records : records.slice(1);
    isHeaderSkipped = true;
  }
}

/** A hash of the content of all files, in hex. */
export function fingerprintOf(openTables: readonly OpenTable[]): string {
  return createHash('sha256')
    .update(JSON.stringify(openTables.map(({ table, state }) => [table.part, state.sha256])))
    .digest('hex');
}

async function firstRecord(table: CsvTable, detected: DetectedEncoding, signal: AbortSignal): Promise<Buffer> {
  for await (const [first] of readRecords(toUtf8(readChunks(table, signal), detected), table.delimiter, table.name)) {
    if (first !== undefined) return first.bytes;
  }
  throw new IncompleteReading(
    'csv.empty',
    `${table.name} is empty, without even a header: the export has failed or has not finished. ` +
      'Run the export again. Nothing was planned or changed.',
  );
}
