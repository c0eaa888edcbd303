import type { Db } from '../database.ts';
import { isMissingFrom } from './missing-rows.ts';

/**
 * The staged handle `s` does not belong to a record whose key changed in this reading: the entry replaces the old one,
 * so it has another identity under the same key, and possibly the same DN.
 */
const isNoKeyChange = `
  not exists (select 1 from key_pair p where s.resource_type = 'User' and s.key in (p.from_key, p.to_key))
  and not exists (select 1 from group_pair p where s.resource_type = 'Group' and s.key in (p.from_key, p.to_key))`;

/**
 * Checks whether staged changes contradict the mirror. If they do, the mirror has missed a change (a subtree was moved
 * as a whole, or two entries have one key), and only a full reading shows the current state. Records whose key changed
 * are no contradiction: they are found before.
 *
 * @returns the reason for the log; undefined if there is no contradiction
 */
export function findInconsistency(db: Db): string | undefined {
  stageKeyChanges(db);
  const reusedHandle = db
    .prepare(
      `
      select s.handle
      from staged_handle s
      cross join handle h on h.text = s.handle
      cross join handle_owner b on b.handle = h.id
      cross join record r on r.id = b.record
        and r.resource_type = s.resource_type
        and r.key <> s.key
        and r.removed_in is null
      where s.handle glob 'dn:*'
        and ${isNoKeyChange}
        and ${isMissingFrom('staged_record', 'r', ['resource_type', 'key'])}
        and ${isMissingFrom('staged_removed', 'r', ['resource_type', 'key'])}
      limit 1`,
    )
    .pluck()
    .get() as string | undefined;
  if (reusedHandle !== undefined) return `${reusedHandle} is the name of another entry too`;
  const duplicateKey = db
    .prepare(
      `
      select s.key
      from staged_handle s
      cross join record r on r.resource_type = s.resource_type
        and r.key = s.key
        and r.removed_in is null
      cross join handle_owner b on b.record = r.id
      cross join handle h on h.id = b.handle
        and h.text glob 'id:*'
        and h.text <> s.handle
      where s.handle glob 'id:*'
        and ${isNoKeyChange}
        and not exists (
          select 1 from staged_removed d where d.resource_type = s.resource_type and d.handle = h.text
        )
        and not exists (select 1 from staged_handle o where o.resource_type = s.resource_type and o.handle = h.text)
      limit 1`,
    )
    .pluck()
    .get() as string | undefined;
  return duplicateKey === undefined ? undefined : `the key ${duplicateKey} belongs to another entry too`;
}

/** An entry whose key changed is a removal of the record with the old key. */
export function stageKeyChanges(db: Db): void {
  db.exec(`
    insert or ignore into staged_removed (resource_type, key, handle)
    select r.resource_type, r.key, s.handle
    from staged_handle s
    cross join handle h on h.text = s.handle
    cross join handle_owner b on b.handle = h.id
    cross join record r on r.id = b.record
      and r.resource_type = s.resource_type
      and r.key <> s.key
      and r.removed_in is null
    where s.handle glob 'id:*'`);
}
