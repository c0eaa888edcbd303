import type { ErrorCode } from '../../model/error-codes.ts';
import { IncompleteReading } from '../../model/errors.ts';
import { nearestNames } from '../../model/nearest-name.ts';
import { quotedName } from '../../model/reading/header-name.ts';
import type { Table } from './settings.ts';

/** The columns of a file. Columns without a name are ignored. */
export interface Header {
  /** Number of cells that every row must have, columns without a name included. */
  readonly width: number;
  /** Name → index, in the order of the file. */
  readonly columns: ReadonlyMap<string, number>;
  /** Names of several columns. They are a mistake only if something uses one. */
  readonly doubled: ReadonlySet<string>;
  /** There is no row that shows the columns: any name may be valid. */
  readonly isUnknown?: boolean;
}

/**
 * @param used undefined: all
 * @throws IncompleteReading that lists the columns that mappings use and the file lacks, or has twice
 */
export function requireColumns(header: Header, table: Table, used: ReadonlySet<string> | undefined): void {
  requireSingle(header, table, used);
  if (header.isUnknown === true) return;
  const missing = [...(used ?? [])].filter((name) => !header.columns.has(name));
  if (missing.length === 0) return;
  const list = missing.map((name) => `"${name}"${suggestion(name, header)}`).join(', ');
  if (table.format === 'jsonLines')
    throw headerError(
      'csv.mappedColumnMissing',
      `no row of ${table.name} has ${list}, which the configuration uses. If all rows may lack it, add it to ` +
        `source.${table.part}.columns`,
      table,
    );
  throw headerError(
    'csv.mappedColumnMissing',
    `${table.name} lacks ${missing.length === 1 ? 'a column' : `${missing.length} columns`} ` +
      `that the configuration uses: ${list}`,
    table,
  );
}

/** @throws IncompleteReading for a used column that the file has twice: which one counts is not guessed */
export function requireSingle(header: Header, table: Table, used: Iterable<string> | undefined): void {
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

/** Names that are similar to the missing one, or else the first columns. */
export function suggestion(name: string, header: Header): string {
  const names = [...header.columns.keys()];
  const similar = nearestNames(name, names).map(quotedName);
  if (similar.length > 0) return ` (nearest: ${similar.join(', ')})`;
  const shown = names.slice(0, 10).map(quotedName).join(', ');
  return ` (its columns: ${shown}${names.length > 10 ? `, and ${names.length - 10} more` : ''})`;
}

/** An error about the columns of a part. */
export function headerError(code: ErrorCode, what: string, table: Table): IncompleteReading {
  return new IncompleteReading(
    code,
    `${what}. Correct the export or source.${table.part} in the configuration. Nothing was planned or changed.`,
  );
}
