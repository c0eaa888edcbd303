import type { ErrorCode } from '../../model/error-codes.ts';
import { IncompleteReading } from '../../model/errors.ts';
import { parseRecords } from './parse-records.ts';
import { nearestNames } from '../../model/nearest-name.ts';
import { quotedName } from '../../model/reading/header-name.ts';
import type { CsvTable } from './settings.ts';

/** The columns of a file. Columns without a name are ignored. */
export interface Header {
  /** Number of cells that every row must have, columns without a name included. */
  readonly width: number;
  /** Name → index, in the order of the file. */
  readonly columns: ReadonlyMap<string, number>;
  /** Names of several columns. They are a mistake only if something uses one. */
  readonly doubled: ReadonlySet<string>;
}

/**
 * @throws IncompleteReading where the header is invalid, lacks a column that the settings name, or has it twice
 */
export function parseHeader(record: Buffer, table: CsvTable): Header {
  const kind = binaryKind(record);
  if (kind !== undefined) throw headerError('csv.headerInvalid', `${table.name} is ${kind}, not a CSV file`, table);
  const [cells = []] = parseRecords([record], table.delimiter);
  if ('refused' in cells)
    throw headerError('csv.headerInvalid', `the header of ${table.name} is invalid: ${cells.refused}`, table);
  const names = cells.map((cell) => cell.trim());
  if (names.some((name) => name.includes('\0')))
    throw headerError(
      'csv.encodingWrong',
      `${table.name} is not ${table.encoding}; it looks like utf-16le or utf-16be`,
      table,
    );
  const columns = new Map<string, number>();
  const doubled = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name === '') continue;
    if (columns.has(name)) doubled.add(name);
    else columns.set(name, index);
  }
  const header = { width: names.length, columns, doubled };
  for (const [setting, name] of table.requiredColumns) {
    if (!columns.has(name))
      throw headerError('csv.columnMissing', missingColumnReason(header, table, setting, name), table);
  }
  requireSingle(header, table, [...table.requiredColumns.values()]);
  return header;
}

/** A file of another kind by its first bytes, as it is or decoded as ISO 8859-1. */
function binaryKind(record: Buffer): string | undefined {
  const start = record.toString('latin1', 0, 4);
  if (start === 'PK\x03\x04') return 'a ZIP archive or an Excel workbook (.xlsx)';
  return start.startsWith('\x1f\x8b') || start.startsWith('\x1f\xc2\x8b') ? 'compressed by gzip' : undefined;
}

/**
 * @param used undefined: all
 * @throws IncompleteReading that lists the columns that mappings use and the file lacks, or has twice
 */
export function requireColumns(header: Header, table: CsvTable, used: ReadonlySet<string> | undefined): void {
  requireSingle(header, table, used);
  const missing = [...(used ?? [])].filter((name) => !header.columns.has(name));
  if (missing.length === 0) return;
  const list = missing.map((name) => `"${name}"${suggestion(name, header)}`).join(', ');
  throw headerError(
    'csv.mappedColumnMissing',
    `${table.name} lacks ${missing.length === 1 ? 'a column' : `${missing.length} columns`} ` +
      `that the configuration uses: ${list}`,
    table,
  );
}

/** @throws IncompleteReading for a used column that the file has twice: which one counts is not guessed */
export function requireSingle(header: Header, table: CsvTable, used: Iterable<string> | undefined): void {
  const name = [...(used ?? header.doubled)].find((each) => header.doubled.has(each));
  if (name !== undefined)
    throw headerError(
      'csv.columnDuplicate',
      `${table.name} has several columns named ${quotedName(name)}, and it is used`,
      table,
    );
}

/** The index of an existing column. */
export function indexOf(header: Header, name: string): number {
  return header.columns.get(name) ?? -1;
}

function missingColumnReason(header: Header, table: CsvTable, setting: string, name: string): string {
  const [only = ''] = header.columns.keys();
  const other = header.width === 1 ? [';', '\t', '|', ','].find((delimiter) => only.includes(delimiter)) : undefined;
  if (other !== undefined) {
    return (
      `${table.name} has a single column; its delimiter is probably ${JSON.stringify(other)}. ` +
      `Set source.${table.part}.delimiter`
    );
  }
  return `${table.name} has no column "${name}", which source.${setting} names${suggestion(name, header)}`;
}

function suggestion(name: string, header: Header): string {
  const names = [...header.columns.keys()];
  const similar = nearestNames(name, names).map(quotedName);
  if (similar.length > 0) return ` (nearest: ${similar.join(', ')})`;
  const shown = names.slice(0, 10).map(quotedName).join(', ');
  return ` (its columns: ${shown}${names.length > 10 ? `, and ${names.length - 10} more` : ''})`;
}

function headerError(code: ErrorCode, what: string, table: CsvTable): IncompleteReading {
  return new IncompleteReading(
    code,
    `${what}. Correct the export or source.${table.part} in the configuration. Nothing was planned or changed.`,
  );
}
