import { InvariantError } from '../../model/errors.ts';
import type { Db } from '../database.ts';

/** The type of a column in PostgreSQL. */
export type ColumnType = 'bigint' | 'text' | 'bytea';

/** A column. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What of a table is needed to copy its rows. */
export interface TableShape {
  readonly name: string;
  /** With `rowid`, where that identifies a row. */
  readonly columns: readonly Column[];
  /** The columns that identify a row. */
  readonly key: readonly Column[];
  /** Further sets of columns that are unique: a write can replace another row by them. */
  readonly unique: readonly (readonly string[])[];
}

/** The table that states what of the database the copy has (copy-mark.ts). */
export const markTable = 'copy_mark';

/** Tables that each process has for itself. */
const localTables: ReadonlySet<string> = new Set(['holder', markTable]);

const typeOf: Readonly<Record<string, ColumnType>> = { integer: 'bigint', text: 'text', blob: 'bytea' };

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly pk: number;
}

/** The tables of a state whose rows are in the database, by name. */
export function tableShapes(db: Db): readonly TableShape[] {
  const tables = db
    .prepare(
      `select name, wr as isWithoutRowid
      from pragma_table_list
      where schema = 'main'
        and type = 'table'
        and name not glob 'sqlite_*'
      order by name`,
    )
    .all() as { readonly name: string; readonly isWithoutRowid: number }[];
  return tables
    .filter(({ name }) => !localTables.has(name))
    .map(({ name, isWithoutRowid }) => shapeOf(db, name, isWithoutRowid === 1));
}

function shapeOf(db: Db, table: string, isWithoutRowid: boolean): TableShape {
  const rows = db.prepare('select name, lower(type) as type, pk from pragma_table_info(?)').all(table) as ColumnRow[];
  const columns = rows.map(({ name, type }) => ({ name, type: columnType(table, name, type) }));
  const named = (row: ColumnRow): Column => ({ name: row.name, type: columnType(table, row.name, row.type) });
  const primary = rows.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const unique = uniqueSets(db, table);
  // https://www.sqlite.org/lang_createtable.html#rowid: one integer as the primary key is the rowid.
  if (isWithoutRowid || (primary.length === 1 && primary[0]?.type === 'integer'))
    return { name: table, columns, key: primary.map(named), unique };
  const rowid: Column = { name: 'rowid', type: 'bigint' };
  return { name: table, columns: [rowid, ...columns], key: [rowid], unique };
}

function columnType(table: string, column: string, type: string): ColumnType {
  const known = typeOf[type];
  if (known === undefined) throw new InvariantError(`${table}.${column} has the type ${type}`);
  return known;
}

/** The primary key of a table without rowid is among them, which does no harm. */
function uniqueSets(db: Db, table: string): readonly (readonly string[])[] {
  const indexes = db.prepare('select name from pragma_index_list(?) where "unique" = 1').pluck().all(table) as string[];
  const columns = db.prepare('select name from pragma_index_info(?) order by seqno').pluck();
  return indexes.map((index) => columns.all(index) as string[]);
}

/** An identifier in SQL of both databases. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
