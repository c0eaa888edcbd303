import type { Db } from '../database.ts';
import type { BitSet } from './bit-set.ts';

const pageSize = 5000;

/**
 * The present rows of a table that a full reading did not contain, by id.
 *
 * Nearly all rows are seen in nearly all readings, so only the ids that were not seen are looked up: rows that left in
 * this reading, and rows that left earlier.
 */
export function* unseen(
  db: Db,
  table: 'record' | 'source_membership',
  where: string,
  seen: BitSet,
): Generator<number, void, undefined> {
  const last = db.prepare(`select max(id) from ${table}`).pluck().get() as number | null;
  const present = db
    .prepare(
      `
      select t.id
      from json_each(?) wanted
      cross join ${table} t on t.id = wanted.value
      where t.removed_in is null
        and ${where}`,
    )
    .pluck();
  let ids: number[] = [];
  for (const id of seen.missing(last ?? 0)) {
    ids.push(id);
    if (ids.length < pageSize) continue;
    yield* present.all(JSON.stringify(ids)) as number[];
    ids = [];
  }
  if (ids.length > 0) yield* present.all(JSON.stringify(ids)) as number[];
}
