import type { AmbiguousHandle } from '../../../model/reading/references.ts';
import type { Db } from '../../database.ts';

const maxListed = 20;

/** The id of an entry, which its user and its group have in common; a record without one is an entry of its own. */
const entryOf = (record: string): string => `
  coalesce((
    select i.handle
    from handle_owner i
    cross join handle t on t.id = i.handle
      and t.text glob 'id:*'
    where i.record = ${record}
  ), -${record})`;

/** Finds among the dirty handles those that several entries share. Call it when the owners of handles are current. */
export function updateAmbiguousHandles(db: Db): void {
  db.exec(`
    delete from ambiguous_handle
    where handle in (select handle from dirty_handle);
    insert into ambiguous_handle
    select s.handle
    from dirty_handle s
    cross join handle h on h.id = s.handle
      and h.text not glob 'id:*'
    where (select count(*) from handle_owner b where b.handle = s.handle) > 1
      and (select count(distinct ${entryOf('b.record')}) from handle_owner b where b.handle = s.handle) > 1`);
}

/** The shared handles to which references point: the first ones, and their number. */
export function readAmbiguousHandles(db: Db): {
  readonly total: number;
  readonly first: readonly AmbiguousHandle[];
} {
  const referenced = `
    from ambiguous_handle a
    join handle h on h.id = a.handle
    where exists (select 1 from reference f where f.handle = a.handle)`;
  const total = db.prepare(`select count(*) ${referenced}`).pluck().get() as number;
  if (total === 0) return { total, first: [] };
  const handles = db.prepare(`
    select a.handle as id, h.text as handle,
      (select count(*) from reference f where f.handle = a.handle) as "references"
    ${referenced}
    order by h.text
    limit ${maxListed}`);
  const owners = db.prepare(`
    select r.key, (
      select substr(n.text, 4)
      from handle_owner d
      cross join handle n on n.id = d.handle
        and n.text glob 'dn:*'
      where d.record = r.id
    ) as dn
    from handle_owner b
    join record r on r.id = b.record
    where b.handle = ?
    group by r.key
    order by r.key
    limit ${maxListed}`);
  const rows = handles.all() as { id: number; handle: string; references: number }[];
  return {
    total,
    first: rows.map(({ id, handle, references }) => ({
      handle,
      references,
      owners: (owners.all(id) as { key: string; dn: string | null }[]).map(({ key, dn }) => ({
        key,
        dn: dn ?? undefined,
      })),
    })),
  };
}
