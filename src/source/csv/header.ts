import { headerError, requireSingle, suggestion, type Header } from '../table/header.ts';
import type { Table } from '../table/settings.ts';
import { parseRecords } from './parse-records.ts';

/**
 * @throws IncompleteReading where the header is invalid, lacks a column that the settings name, or has it twice
 */
export function parseHeader(record: Buffer, table: Table): Header {
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

function missingColumnReason(header: Header, table: Table, setting: string, name: string): string {
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
