import { basename } from 'node:path';
import { IncompleteReading, OperatorError } from '../../../model/errors.ts';
import { encodingNamed, type Encoding } from '../../../model/reading/encodings.ts';
import { detectEncoding, utf16WithoutMark } from '../../../source/csv/encodings/encoding.ts';
import { fittingEncoding } from '../../../source/csv/encodings/misread.ts';
import { fileContent } from '../../../source/csv/file.ts';
import { openCsvTable } from '../../../source/csv/open-csv-table.ts';
import type { SourcePart } from '../../../source/source.ts';
import { cellText } from '../../../source/table/cells.ts';
import { endsWithLineBreak, type Content, type ContentState } from '../../../source/table/content.ts';
import type { Header } from '../../../source/table/header.ts';
import type { OpenTable } from '../../../source/table/open-table.ts';
import type { Table } from '../../../source/table/settings.ts';
import { collectFacts, type ColumnFacts } from './column-facts.ts';
import { delimiters, findLayout, looksLikeRow, type FileFormat, type Trial } from './find-format.ts';

/** What a file contains, as far as it was looked at. */
export interface TableFacts {
  /** Absolute. */
  readonly file: string;
  readonly name: string;
  readonly format: FileFormat;
  /** Without columns that occur twice: nothing may use them. */
  readonly columns: readonly ColumnFacts[];
  readonly rows: number;
  /** Whether these are all rows. */
  readonly isWhole: boolean;
  /** Rows that cannot be parsed. */
  readonly invalid: number;
}

/** What the operator states about a file, instead of what it shows. */
export type GivenFormat = { readonly [Name in keyof FileFormat]?: FileFormat[Name] | undefined };

/** Rows that are looked at. They show what a million would. */
const maxRows = 100_000;
/** Records that decide about the delimiter. */
const maxTrialRecords = 200;

/**
 * Finds out how a file is written, and what its columns contain.
 *
 * @throws OperatorError where the file cannot be read, has no header or no rows
 */
export async function readTable(
  { file, part }: { readonly file: string; readonly part: SourcePart },
  given: GivenFormat,
  signal: AbortSignal,
): Promise<TableFacts> {
  const content = fileContent({ part, file, name: basename(file) });
  const format = await findFormat(content, part, given, signal);
  const open = await openTable(content, part, format, signal);
  requireHeader(open.header, content.name);
  const names = namesOf(open.header);
  const collector = collectFacts(names.map((name) => (open.header.doubled.has(name) ? '' : name)));
  let rows = 0;
  let invalid = 0;
  let isWhole = true;
  for await (const cells of rowsOf(open, signal)) {
    if (rows === maxRows) {
      isWhole = false;
      break;
    }
    rows += 1;
    if (cells?.length === names.length) collector.add(cells);
    else invalid += 1;
  }
  if (rows === invalid)
    throw new OperatorError(
      'init.noRows',
      `${content.name} has a header and no ${invalid === 0 ? '' : 'valid '}row, so nothing can be proposed: ` +
        'run the export again, or name a file that has rows',
    );
  return { file, name: content.name, format, columns: collector.facts(), rows, isWhole, invalid };
}

async function findFormat(
  content: Content,
  part: SourcePart,
  given: GivenFormat,
  signal: AbortSignal,
): Promise<FileFormat> {
  const head = await headOf(content, signal);
  const encoding = given.encoding ?? (await findEncoding(head, content, signal));
  const start = bytesContent(content.name, head);
  const { skipLines = 0 } = given;
  // A line such as "sep=;" names the delimiter.
  const trials: Trial[] = [];
  let failure: unknown;
  for (const delimiter of given.delimiter === undefined ? delimiters : [given.delimiter]) {
    try {
      const open = await openTable(start, part, { encoding, delimiter, skipLines }, signal);
      trials.push({ delimiter, records: await firstRecords(open, signal) });
    } catch (error) {
      if (!(error instanceof IncompleteReading)) throw error;
      failure ??= error;
    }
  }
  if (trials.length === 0) throw failure;
  const layout = findLayout(trials);
  return {
    encoding,
    delimiter: given.delimiter ?? layout.delimiter,
    skipLines: given.skipLines ?? layout.skipLines,
  };
}

async function findEncoding(head: Buffer, content: Content, signal: AbortSignal): Promise<Encoding> {
  const utf16 = utf16WithoutMark(head);
  if (head.length < 2 || (utf16 === undefined && detectEncoding(head, 'utf-8', content.name).bomLength > 0))
    return 'utf-8';
  // With a byte order mark, it needs no setting.
  if (utf16 !== undefined) return /^(?:\xff\xfe|\xfe\xff)/.test(head.toString('latin1', 0, 2)) ? 'utf-8' : utf16;
  const fitting = await fittingEncoding(content, { encoding: 'utf-8', bomLength: 0 }, [], signal);
  return encodingNamed(fitting ?? 'utf-8') ?? 'utf-8';
}

/** The first bytes, up to a line break if the file has more. */
async function headOf(content: Content, signal: AbortSignal): Promise<Buffer> {
  let head: Buffer | undefined;
  for await (const chunk of content.chunks(signal)) {
    if (head !== undefined) return head.subarray(0, head.lastIndexOf(0x0a) + 1);
    head = Buffer.from(chunk);
  }
  return head ?? Buffer.alloc(0);
}

/** Bytes in memory, as the content of a file. */
function bytesContent(name: string, bytes: Buffer): Content {
  const state: ContentState = {
    ...{ sha256: '', identity: '', modifiedAt: undefined },
    endsWithLineBreak: endsWithLineBreak(bytes.subarray(-64)),
  };
  return {
    name,
    async *chunks() {
      yield bytes;
      return state;
    },
    requireUnchanged: () => Promise.resolve(),
  };
}

const openTable = (
  content: Content,
  part: SourcePart,
  { encoding, delimiter, skipLines }: FileFormat,
  signal: AbortSignal,
): Promise<OpenTable> => {
  const table: Table = {
    ...{
      part,
      content,
      name: content.name,
      format: 'csv',
      encoding,
      delimiter,
      isDelimiterConfigured: true,
      skipLines,
    },
    ...{ where: undefined, requiredColumns: new Map(), columns: [] },
  };
  return openCsvTable(table, undefined, signal);
};

/** The names of all columns, in their order; blank: the column has no name. */
function namesOf({ width, columns }: Header): readonly string[] {
  const names = Array.from({ length: width }, () => '');
  for (const [name, index] of columns) names[index] = name;
  return names;
}

/** The cells of each row; undefined: it cannot be parsed. */
async function* rowsOf(open: OpenTable, signal: AbortSignal): AsyncGenerator<readonly string[] | undefined> {
  for await (const { records } of open.records(signal))
    for (const cells of open.parse(records.map(({ bytes }) => bytes)))
      yield 'refused' in cells ? undefined : cells.map(cellText);
}

async function firstRecords(open: OpenTable, signal: AbortSignal): Promise<Trial['records']> {
  const records: { line: number; cells: readonly string[] }[] = [{ line: 1, cells: namesOf(open.header) }];
  for await (const list of open.records(signal)) {
    for (const [index, cells] of open.parse(list.records.map(({ bytes }) => bytes)).entries())
      if (!('refused' in cells)) records.push({ line: list.records[index]?.line ?? 1, cells: cells.map(cellText) });
    if (records.length > maxTrialRecords) break;
  }
  return records.slice(0, maxTrialRecords);
}

/** @throws OperatorError where the first line is a row */
function requireHeader(header: Header, name: string): void {
  const names = [...header.columns.keys()];
  if (!looksLikeRow(names)) return;
  throw new OperatorError(
    'init.noHeader',
    `the first line of ${name} looks like a row and not like the names of columns: ` +
      `${names.slice(0, 3).join(', ')}. Let the export write a header; if it begins later, use --skip-lines`,
  );
}
