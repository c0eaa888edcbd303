import { IncompleteReading } from '../../model/errors.ts';
import { cellsOf } from './cells.ts';
import { nearest } from './nearest.ts';
import type { CsvTable } from './settings.ts';

/** The columns of a file. Columns without a name are ignored. */
export interface Header {
  /** How many cells every row must have, nameless ones included. */
  readonly width: number;
  /** Name → index of its cell, in the file's order. */
  readonly columns: ReadonlyMap<string, number>;
}

/** @throws IncompleteReading where the header cannot be read, names a column twice, or lacks one that the settings need */
export function headerOf(record: Buffer, table: CsvTable): Header {
  const [cells = []] = cellsOf([record], table.delimiter);
  if ('refused' in cells) throw wrong(`the header of ${table.name} cannot be read: ${cells.refused}`, table);
  const names = cells.map((cell) => cell.trim());
  if (names.some((name) => name.includes('\0')))
    throw wrong(`${table.name} is not ${table.encoding}; it looks like utf-16le or utf-16be`, table);
  const columns = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name === '') continue;
    if (columns.has(name))
      throw wrong(`${table.name} has two columns "${name}", and which of them counts cannot be known`, table);
    columns.set(name, index);
  }
  const header = { width: names.length, columns };
  for (const [setting, name] of table.needs) {
    if (!columns.has(name)) throw wrong(missing(header, table, setting, name), table);
  }
  return header;
}

/** @throws IncompleteReading that lists the columns that mappings use and the file does not have */
export function requireUsed(header: Header, table: CsvTable, used: ReadonlySet<string> | undefined): void {
  const lacking = [...(used ?? [])].filter((name) => !header.columns.has(name));
  if (lacking.length === 0) return;
  const list = lacking.map((name) => `"${name}"${suggestion(name, header)}`).join(', ');
  throw wrong(
    `${table.name} lacks ${lacking.length === 1 ? 'a column' : `${lacking.length} columns`} that the configuration uses: ${list}`,
    table,
  );
}

/** The index of a column that the header is known to have. */
export function indexOf(header: Header, name: string): number {
  return header.columns.get(name) ?? -1;
}

function missing(header: Header, table: CsvTable, setting: string, name: string): string {
  const [only = ''] = header.columns.keys();
  const other = header.width === 1 ? [';', '\t', '|', ','].find((delimiter) => only.includes(delimiter)) : undefined;
  if (other !== undefined) {
    return `${table.name} has one single column; its delimiter is likely ${JSON.stringify(other)}, so set source.${table.part}.delimiter to that`;
  }
  return `${table.name} has no column "${name}", which source.${setting} names${suggestion(name, header)}`;
}

function suggestion(name: string, header: Header): string {
  const names = [...header.columns.keys()];
  const alike = nearest(name, names).map((candidate) => `"${candidate}"`);
  if (alike.length > 0) return ` (nearest: ${alike.join(', ')})`;
  const shown = names
    .slice(0, 10)
    .map((candidate) => `"${candidate}"`)
    .join(', ');
  return ` (its columns: ${shown}${names.length > 10 ? `, and ${names.length - 10} more` : ''})`;
}

function wrong(what: string, table: CsvTable): IncompleteReading {
  return new IncompleteReading(
    `${what}. Correct the export or source.${table.part} in the configuration; until then nothing is planned.`,
  );
}
