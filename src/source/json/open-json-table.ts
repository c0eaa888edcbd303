import { IncompleteReading } from '../../model/errors.ts';
import type { Cells } from '../table/cells.ts';
import type { ContentState } from '../table/content.ts';
import { headerError, suggestion, type Header } from '../table/header.ts';
import type { OpenTable, RawRecord } from '../table/open-table.ts';
import type { Table } from '../table/settings.ts';
import { refusedCells } from './broken-line.ts';
import { readLines } from './lines.ts';
import { parseLine, toCells } from './parse-line.ts';

/**
 * Reads all lines for their hash and for the names of their columns.
 *
 * @throws IncompleteReading where the content cannot be read, has no JSON object, or lacks a column that the settings
 * name
 */
export async function openJsonTable(table: Table, signal: AbortSignal): Promise<OpenTable> {
  const { state, names, lines, objects, start } = await readColumns(table, signal);
  if (lines > 0 && objects === 0) throw withoutObjects(table, start);
  const columns = [...new Set([...names, ...table.columns])].sort();
  const header: Header = {
    width: columns.length,
    columns: new Map(columns.map((name, index) => [name, index])),
    doubled: new Set(),
    isUnknown: lines === 0,
  };
  for (const [setting, name] of lines === 0 ? [] : table.requiredColumns)
    if (!header.columns.has(name))
      throw headerError(
        'csv.columnMissing',
        `no row of ${table.name} has "${name}", which source.${setting} names${suggestion(name, header)}`,
        table,
      );
  return {
    table,
    state,
    header,
    encoding: 'utf-8',
    isMisread: false,
    layout: ['jsonLines'],
    async *records(stop) {
      for await (const records of readLines(table.content.chunks(stop, state), table.name)) yield { records };
    },
    parse: cellParser(table, columns),
    fittingEncoding: () => Promise.resolve(undefined),
  };
}

function cellParser(table: Table, columns: readonly string[]): (records: readonly Buffer[]) => readonly Cells[] {
  const key = [...table.requiredColumns].find(([setting]) => /\.(key|group)$/.test(setting))?.[1];
  // A list of groups is one cell.
  const single = new Set([...table.requiredColumns].flatMap(([setting, name]) => (setting === listed ? [] : [name])));
  return (records) =>
    records.map((bytes) => {
      const cells = toCells(parseLine(bytes), columns, single);
      return 'refused' in cells ? refusedCells(cells, bytes, columns, key) : cells;
    });
}

/** The setting of a column that may hold a list. */
const listed = 'groups.column';

interface ReadColumns {
  readonly state: ContentState;
  readonly names: ReadonlySet<string>;
  readonly lines: number;
  readonly objects: number;
  /** The first characters of the first line. */
  readonly start: string;
}

async function readColumns(table: Table, signal: AbortSignal): Promise<ReadColumns> {
  const names = new Set<string>();
  let state: ContentState | undefined;
  let lines = 0;
  let objects = 0;
  let start = '';
  const chunks = (async function* (): AsyncGenerator<Buffer> {
    state = yield* table.content.chunks(signal);
  })();
  for await (const records of readLines(chunks, table.name)) {
    if (lines === 0) start = startOf(records);
    lines += records.length;
    for (const { bytes } of records) {
      const line = parseLine(bytes);
      if ('refused' in line) continue;
      objects += 1;
      for (const name of (line as ReadonlyMap<string, unknown>).keys()) names.add(name);
    }
  }
  if (state === undefined) throw new TypeError('the content ended without its state');
  return { state, names, lines, objects, start };
}

const startOf = ([first]: readonly RawRecord[]): string => first?.bytes.toString('latin1', 0, 8).trimStart() ?? '';

function withoutObjects(table: Table, start: string): IncompleteReading {
  const what = start.startsWith('<')
    ? 'it looks like HTML or XML'
    : start.startsWith('[')
      ? 'it looks like a JSON array; write one object in each line, without commas between them'
      : 'a line holds one object such as {"id": "7"}';
  return new IncompleteReading(
    'json.withoutObjects',
    `no line of ${table.name} is a JSON object: ${what}. Correct the export. Nothing was planned or changed.`,
  );
}
