import { IncompleteReading } from '../../model/errors.ts';
import type { ContentState } from '../table/content.ts';
import type { Header } from '../table/header.ts';
import type { KnownBlocks } from '../source.ts';
import type { OpenTable, RawRecord, RecordList } from '../table/open-table.ts';
import type { Table } from '../table/settings.ts';
import { isBlankRecord } from './blank-record.ts';
import { readBlocks } from './block-stream.ts';
import { detectEncoding, toUtf8, type DetectedEncoding } from './encodings/encoding.ts';
import { fittingEncoding, openMisreadCheck, type MisreadCheck } from './encodings/misread.ts';
import { parseHeader } from './header.ts';
import { findLineEnd, toLineFeeds, type LineEnd } from './line-end.ts';
import { parseRecords } from './parse-records.ts';
import { findPreamble, maxPreambleBytes, type Preamble } from './preamble.ts';
import { maxRecordBytes, readRecords } from './record-stream.ts';

/** What must be known before the header can be parsed. */
interface BeforeHeader {
  readonly table: Table;
  readonly detected: DetectedEncoding;
  readonly preamble: Preamble;
  readonly lineEnd: LineEnd;
}

/**
 * Reads the whole file for its hash, then its header.
 *
 * @param usersDelimiter the delimiter of the users' file, for a file without one of its own
 * @throws IncompleteReading where the file cannot be read, is empty, changes meanwhile, or has an invalid header
 */
export async function openCsvTable(
  configured: Table,
  usersDelimiter: string | undefined,
  signal: AbortSignal,
): Promise<OpenTable> {
  const { state, detected, isMisread } = await readWhole(configured, signal);
  const { preamble, lineEnd } = await readHead(configured, detected, signal);
  const delimiter = configured.isDelimiterConfigured
    ? configured.delimiter
    : (preamble.delimiter ?? usersDelimiter ?? configured.delimiter);
  const table = { ...configured, delimiter };
  const before = { table, detected, preamble, lineEnd };
  const header = await headerOf(before, signal);
  return {
    table,
    state,
    header,
    encoding: detected.encoding,
    isMisread,
    layout: [delimiter, detected.encoding, lineEnd],
    records: (stop, known) =>
      known === undefined ? dataRecords(before, state, stop) : blocksOf(before, state, known, stop),
    parse: (records) => parseRecords(records, delimiter),
    fittingEncoding: (known, stop) => fittingEncoding(table.content, detected, known, stop),
  };
}

/** Reads the whole content for its state. */
async function readWhole(
  { content, encoding, name }: Table,
  signal: AbortSignal,
): Promise<Pick<OpenTable, 'state' | 'isMisread'> & { readonly detected: DetectedEncoding }> {
  const chunks = content.chunks(signal);
  let detected: DetectedEncoding | undefined;
  let check: MisreadCheck | undefined;
  let next = await chunks.next();
  while (next.done !== true) {
    try {
      // The first chunk has a complete byte order mark, unless the file is shorter.
      detected ??= detectEncoding(next.value, encoding, name);
      check ??= openMisreadCheck(detected.encoding);
      check.add(next.value);
    } catch (error) {
      // Ends the generator, so that it closes its file.
      await chunks.throw(error);
    }
    next = await chunks.next();
  }
  detected ??= detectEncoding(Buffer.alloc(0), encoding, name);
  return { state: next.value, detected, isMisread: check?.isMisread() === true };
}

/** @throws IncompleteReading that names the encoding in which the header fits, where another one explains the error */
async function headerOf(before: BeforeHeader, signal: AbortSignal): Promise<Header> {
  const records = await firstRecords(before, signal);
  try {
    return parseHeaderOrSuggest(records, before);
  } catch (error) {
    throw (await wrongEncoding(error, before, signal)) ?? error;
  }
}

/** The error that names the encoding in which the header fits; undefined: another encoding explains nothing. */
async function wrongEncoding(
  error: unknown,
  { table, detected }: BeforeHeader,
  signal: AbortSignal,
): Promise<IncompleteReading | undefined> {
  if (!(error instanceof IncompleteReading) || !headerErrors.has(error.code)) return undefined;
  const columns = [...table.requiredColumns.values()].filter((name) => /[^\0-\x7f]/.test(name));
  // A name in ASCII is the same in almost all encodings.
  if (error.code === 'csv.columnMissing' && columns.length === 0) return undefined;
  const fitting = await fittingEncoding(table.content, detected, columns, signal);
  if (fitting === undefined) return undefined;
  return new IncompleteReading(
    'csv.encodingWrong',
    `the header of ${table.name} is not ${detected.encoding}. The encoding that fits is "${fitting}": ` +
      `set it as source.${table.part}.encoding. Nothing was planned or changed.`,
    error.exitCode,
    { cause: error },
  );
}

const headerErrors: ReadonlySet<string> = new Set(['csv.headerInvalid', 'csv.columnMissing']);

/** @throws IncompleteReading that names the line of the header, where title lines precede it */
function parseHeaderOrSuggest([first, ...others]: readonly RawRecord[], { table, preamble }: BeforeHeader): Header {
  if (first === undefined) throw withoutHeader(table, preamble);
  try {
    return parseHeader(first.bytes, table);
  } catch (error) {
    const line = error instanceof IncompleteReading ? headerLine(others, table) : undefined;
    if (!(error instanceof IncompleteReading) || line === undefined) throw error;
    const advice = `Line ${line} has these columns: if the lines before it are titles, set "skipLines": ${line - 1}.`;
    throw new IncompleteReading(error.code, `${error.message} ${advice}`, error.exitCode, { cause: error });
  }
}

/** The line of a record with all columns that the settings name. */
function headerLine(records: readonly RawRecord[], { requiredColumns, delimiter }: Table): number | undefined {
  return records.find(({ bytes }) => {
    const [cells] = parseRecords([bytes], delimiter);
    if (cells === undefined || 'refused' in cells) return false;
    const names = new Set(cells.map((cell) => cell.trim()));
    return [...requiredColumns.values()].every((name) => names.has(name));
  })?.line;
}

/**
 * The records below the header, without the blank ones. @throws IncompleteReading, at the end too, where the file has
 * changed since it was opened
 */
async function* dataRecords(
  before: BeforeHeader,
  state: ContentState,
  signal: AbortSignal,
): AsyncGenerator<RecordList> {
  let isHeaderSkipped = false;
  for await (const records of recordsOf(before, before.table.content.chunks(signal, state))) {
    yield { records: isHeaderSkipped ? records : records.slice(1) };
    isHeaderSkipped ||= records.length > 0;
  }
}

/** The same records without the known blocks. */
const blocksOf = (
  before: BeforeHeader,
  state: ContentState,
  known: KnownBlocks,
  signal: AbortSignal,
): AsyncGenerator<RecordList> =>
  readBlocks(
    textOf(before, before.table.content.chunks(signal, state)),
    before.table,
    known,
    before.preamble.lines + 1,
  );

async function readHead(
  table: Table,
  detected: DetectedEncoding,
  signal: AbortSignal,
): Promise<Pick<BeforeHeader, 'preamble' | 'lineEnd'>> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of toUtf8(table.content.chunks(signal), detected)) {
    head = Buffer.concat([head, chunk]);
    const isLong = head.length > maxPreambleBytes;
    const preamble = findPreamble(head, table.skipLines, isLong);
    const lineEnd = preamble === undefined ? undefined : findLineEnd(head.subarray(preamble.bytes), isLong);
    if (preamble !== undefined && lineEnd !== undefined) return { preamble, lineEnd };
  }
  const preamble = findPreamble(head, table.skipLines, true) ?? { bytes: 0, lines: 0, delimiter: undefined };
  return { preamble, lineEnd: findLineEnd(head.subarray(preamble.bytes), true) ?? 'lf' };
}

/** The records that are not blank, from the header on. */
async function* recordsOf(before: BeforeHeader, chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly RawRecord[]> {
  const { table, preamble } = before;
  const text = textOf(before, chunks);
  for await (const records of readRecords(text, table.delimiter, table.name, maxRecordBytes, preamble.lines + 1))
    yield records.filter(({ bytes }) => !isBlankRecord(bytes, table.delimiter));
}

/** The bytes from the header on, as UTF-8 with line feeds. */
function textOf({ detected, preamble, lineEnd }: BeforeHeader, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = withoutFirst(preamble.bytes, toUtf8(chunks, detected));
  return lineEnd === 'cr' ? toLineFeeds(bytes) : bytes;
}

async function* withoutFirst(bytes: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    yield chunk.subarray(skipped);
  }
}

/** Title lines before a header are few. */
const maxHeaderCandidates = 30;

async function firstRecords(before: BeforeHeader, signal: AbortSignal): Promise<readonly RawRecord[]> {
  for await (const records of recordsOf(before, before.table.content.chunks(signal))) {
    // Their bytes are valid only until the next chunk.
    const first = records.slice(0, maxHeaderCandidates).map(({ line, bytes }) => ({ line, bytes: Buffer.from(bytes) }));
    if (first.length > 0) return first;
  }
  return [];
}

function withoutHeader({ name }: Table, { lines }: Preamble): IncompleteReading {
  const what =
    lines === 0 ? `${name} is empty, without even a header` : `${name} has no header after its first ${lines} lines`;
  return new IncompleteReading(
    'csv.empty',
    `${what}: the export has failed or has not finished. Run the export again. Nothing was planned or changed.`,
  );
}
