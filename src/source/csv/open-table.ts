import { createHash } from 'node:crypto';
import { IncompleteReading } from '../../model/errors.ts';
import { detect, toUtf8, type Detected } from './encoding.ts';
import { chunksOf, type FileState } from './file.ts';
import { headerOf, type Header } from './header.ts';
import { recordsOf } from './record-stream.ts';
import type { CsvTable } from './settings.ts';
import type { RawRecord } from './split.ts';

/** One file as it was found when the source was opened. */
export interface OpenTable {
  readonly table: CsvTable;
  readonly state: FileState;
  readonly detected: Detected;
  readonly header: Header;
}

/**
 * Reads the whole file for its hash, and its header.
 *
 * @throws IncompleteReading where the file cannot be read, is empty, changes meanwhile, or has a header that will not do
 */
export async function openTable(table: CsvTable, signal: AbortSignal): Promise<OpenTable> {
  const chunks = chunksOf(table, signal);
  let head: Buffer = Buffer.alloc(0);
  let next = await chunks.next();
  while (next.done !== true) {
    // A byte order mark has at most three bytes.
    if (head.length < 3) head = Buffer.concat([head, next.value]);
    next = await chunks.next();
  }
  const state = next.value;
  const detected = detect(head, table.encoding, table.name);
  const header = headerOf(await firstRecord(table, detected, signal), table);
  return { table, state, detected, header };
}

/** The records below the header. @throws IncompleteReading, also at the end, where it is no longer the file that was opened */
export async function* recordsBelowHeader(
  { table, state, detected }: OpenTable,
  signal: AbortSignal,
): AsyncGenerator<readonly RawRecord[]> {
  let headerIsPast = false;
  for await (const records of recordsOf(
    toUtf8(chunksOf(table, signal, state), detected),
    table.delimiter,
    table.name,
  )) {
    yield headerIsPast ? records : records.slice(1);
    headerIsPast = true;
  }
}

/** Changes with any byte of any of the files, in hex. */
export function fingerprintOf(opened: readonly OpenTable[]): string {
  return createHash('sha256')
    .update(JSON.stringify(opened.map(({ table, state }) => [table.part, state.sha256])))
    .digest('hex');
}

async function firstRecord(table: CsvTable, detected: Detected, signal: AbortSignal): Promise<Buffer> {
  for await (const [first] of recordsOf(toUtf8(chunksOf(table, signal), detected), table.delimiter, table.name)) {
    if (first !== undefined) return first.bytes;
  }
  throw new IncompleteReading(
    `${table.name} is empty: not even a header stands in it, so the export has failed or has not finished. ` +
      'Let it run again; nobody counts as gone.',
  );
}
