import type { Named } from '../model/record.ts';
import type { Db } from './database.ts';

const partOf: Readonly<Record<string, Named['part']>> = { User: 'users', Group: 'groups', Nested: 'nested' };

const isThere = 'r.gone is null and not exists (select 1 from staged_record s2 where s2.kind = r.kind and s2.key = r.key)';
/** From a handle to the records that name it, and to the identity of each. */
const namers = `cross join reference f on f.handle = h.id cross join record r on r.id = f.record and ${isThere}
  cross join bearer ib on ib.record = r.id cross join handle i on i.id = ib.handle and i.text glob 'id:*'`;

/**
 * Records that name somebody whose name changed hands, although nobody said that they changed: servers put the new name of an entry
 * into the groups that it is in, and take away the name of one that is gone, without a word to those who ask for changes. Whether they
 * did is only known once these records have been read again.
 *
 *     staged: id 7 is dn:robert now    mirror: id 7 bears dn:bob, group 3 names dn:bob   ─▶ group 3
 *     staged: id 9, new, is dn:bob     mirror: group 3 still names dn:bob               ─▶ group 3
 */
export function staleNamers(db: Db): readonly Named[] {
  const rows = db.prepare(`
    select r.kind, i.text as handle from staged_handle s cross join handle h on h.text = s.handle ${namers}
      where not exists (select 1 from bearer b cross join record o on o.id = b.record where b.handle = h.id and o.kind = s.kind and o.key = s.key and o.gone is null)
    union
    select r.kind, i.text as handle from staged_record s cross join record o on o.kind = s.kind and o.key = s.key and o.gone is null
      cross join bearer b on b.record = o.id cross join handle h on h.id = b.handle
        and not exists (select 1 from staged_handle n where n.kind = s.kind and n.key = s.key and n.handle = h.text) ${namers}`).all() as { kind: string; handle: string }[];
  return rows.flatMap(({ kind, handle }) => (partOf[kind] === undefined ? [] : [{ part: partOf[kind], handle }]));
}

/**
 * Names that records have now and did not have before. A group may have named somebody long before they came into view, by a name outside of it:
 * where a server lets members follow, the new name stands in the group now, and the mirror knows the old one.
 *
 *     mirror: group 3 names dn:bob,out     staged: id 7, new, is dn:bob,in     ─▶ who names dn:bob,in?
 */
export function newNames(db: Db): readonly string[] {
  return db.prepare(`select distinct s.handle from staged_handle s where s.handle glob 'dn:*' and not exists (
    select 1 from handle h join bearer b on b.handle = h.id join record o on o.id = b.record
      where h.text = s.handle and o.kind = s.kind and o.key = s.key and o.gone is null)`).pluck().all() as string[];
}
