import type { Db } from '../database.ts';

/**
 * Writes many rows to a table. If it is empty, the given indexes are dropped before and created after: SQLite then sorts
 * their entries. Rows that come in another order than that of an index change a page of it each, and most of these
 * pages are read and written again.
 *
 * @param indexes indexes of the table whose order is not that of the rows
 */
export function fillTable(db: Db, table: string, indexes: readonly string[], fill: () => void): void {
  if (db.prepare(`select 1 from ${table} limit 1`).get() !== undefined) {
    fill();
    return;
  }
  const select = db.prepare(`select sql from sqlite_schema where type = 'index' and name = ?`).pluck();
  const definitions = indexes.map((name) => select.get(name) as string);
  for (const name of indexes) db.exec(`drop index ${name}`);
  fill();
  for (const sql of definitions) db.exec(sql);
}
