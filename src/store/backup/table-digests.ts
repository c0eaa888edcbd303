import { createHash } from 'node:crypto';
import type { Db } from '../database.ts';
import { allRows } from '../postgres/change-watch.ts';
import { tableShapes } from '../postgres/table-shapes.ts';

/** What a table holds: two tables with equal digests have equal rows. */
export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 of all rows in the order of their keys. */
  readonly digest: string;
}

/** The digests of all tables of a state, by name. */
export const tableDigests = (db: Db): readonly TableDigest[] =>
  tableShapes(db).map((shape) => {
    const hash = createHash('sha256');
    let rows = 0;
    for (const { present } of allRows(db, shape)) {
      rows += present.length;
      for (const row of present) hash.update(`${JSON.stringify(row)}\n`);
    }
    return { table: shape.name, rows, digest: hash.digest('hex') };
  });

/** The tables that two states do not have equally. */
export function differentTables(one: readonly TableDigest[], other: readonly TableDigest[]): readonly string[] {
  const digests = new Map(other.map(({ table, digest }) => [table, digest]));
  const names = new Set([...one, ...other].map(({ table }) => table));
  const known = new Map(one.map(({ table, digest }) => [table, digest]));
  return [...names].filter((name) => known.get(name) !== digests.get(name));
}
