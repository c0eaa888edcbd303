import type { Db } from '../database.ts';

export const isEmpty = (db: Db, table: string): boolean =>
  db.prepare(`select exists (select 1 from ${table})`).pluck().get() === 0;

/**
 * Writes many rows to a table. If it is empty, the given indexes are dropped before and created after: then SQLite
 * sorts their entries. Rows that come in another order than that of an index change a page of it each, and most of
 * these pages are read and written again.
 *
 * @param indexes indexes of the table whose order is not that of the rows
 * @returns whether the table was empty
 */
export function fillTable(db: Db, table: string, indexes: readonly string[], fill: () => void): boolean {
  if (!isEmpty(db, table)) {
    fill();
    return false;
  }
  const select = db.prepare(`select sql from sqlite_schema where type = 'index' and name = ?`).pluck();
  const definitions = indexes.map((name) => select.get(name) as string);
  for (const name of indexes) db.exec(`drop index ${name}`);
  fill();
  for (const sql of definitions) db.exec(sql);
  return true;
}
