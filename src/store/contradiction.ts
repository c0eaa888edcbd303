import type { Db } from './database.ts';

/**
 * Whether staged changes contradict what the mirror holds. It then has missed a change (a subtree that was moved as a whole, two entries for
 * one key), and only a complete reading can tell what is true.
 *
 * @returns why, for the log; undefined where they agree
 */
export function contradictionIn(db: Db): string | undefined {
  freeIdentities(db);
  const taken = db
    .prepare(
      `select s.handle from staged_handle s cross join handle h on h.text = s.handle cross join bearer b on b.handle = h.id
    cross join record r on r.id = b.record and r.kind = s.kind and r.key <> s.key and r.gone is null
    where s.handle glob 'dn:*' and not exists (select 1 from staged_record o where o.kind = r.kind and o.key = r.key)
      and not exists (select 1 from staged_removed o where o.kind = r.kind and o.key = r.key) limit 1`,
    )
    .pluck()
    .get() as string | undefined;
  if (taken !== undefined) return `${taken} is the name of another entry too`;
  const doubled = db
    .prepare(
      `select s.key from staged_handle s cross join record r on r.kind = s.kind and r.key = s.key and r.gone is null
    cross join bearer b on b.record = r.id cross join handle h on h.id = b.handle and h.text glob 'id:*' and h.text <> s.handle
    where s.handle glob 'id:*' and not exists (select 1 from staged_removed d where d.kind = s.kind and d.handle = h.text)
      and not exists (select 1 from staged_handle o where o.kind = s.kind and o.handle = h.text) limit 1`,
    )
    .pluck()
    .get() as string | undefined;
  return doubled === undefined ? undefined : `the key ${doubled} belongs to another entry too`;
}

/** An entry that got another key has left its old one. */
export function freeIdentities(db: Db): void {
  db.exec(`insert or ignore into staged_removed (kind, key, handle)
    select r.kind, r.key, s.handle from staged_handle s cross join handle h on h.text = s.handle cross join bearer b on b.handle = h.id
      cross join record r on r.id = b.record and r.kind = s.kind and r.key <> s.key and r.gone is null where s.handle glob 'id:*'`);
}
