import type { Db } from '../database.ts';

/** The members of a group before and now, and how many both have. */
export interface MemberCounts {
  readonly before: number;
  readonly now: number;
  readonly common: number;
}

/** Temporary tables for the comparison of groups; empties them. */
export const memberComparisonTables = `
  create temp table if not exists member_before (name text primary key) without rowid;
  create temp table if not exists member_now (name text primary key) without rowid;
  create temp table if not exists staged_user_handle (handle text primary key, key text not null) without rowid;
  delete from member_before; delete from member_now; delete from staged_user_handle;`;

/** The user of the mirror with the handle `text`. */
const ownerOf = (handle: string): string => `
  (
    select min(r.key)
    from handle h
    cross join handle_owner b on b.handle = h.id
    cross join record r on r.id = b.record
      and r.resource_type = 'User'
    where h.text = ${handle}
  )`;

/**
 * Compares the direct members of a vanished group of the mirror with those of a new, staged group. A user is compared
 * by key, where the old key of a pair stands for both, and so is a group of a file; any other member of a directory
 * group by its handle.
 */
export function openMemberComparison(
  db: Db,
): (groups: { readonly id: number; readonly from: string; readonly to: string }) => MemberCounts {
  const isDirectory =
    db.prepare('select exists (select 1 from reference) or exists (select 1 from staged_reference)').pluck().get() ===
    1;
  let isPrepared = false;
  const prepare = (): void => {
    isPrepared = true;
    if (!isDirectory) return;
    db.exec(`
      insert or ignore into staged_user_handle
      select h.handle, coalesce(p.from_key, h.key)
      from staged_handle h
      left join key_pair p on p.to_key = h.key
      where h.resource_type = 'User'`);
  };
  const [insertBefore, insertNow] = isDirectory ? referencedMembers(db) : listedMembers(db);
  const count = db.prepare(`
    select (select count(*) from member_before) as before, (select count(*) from member_now) as now,
      (select count(*) from member_now where name in (select name from member_before)) as common`);
  return ({ id, from, to }) => {
    if (!isPrepared) prepare();
    db.exec('delete from member_before; delete from member_now');
    insertBefore.run(isDirectory ? { id } : { from });
    insertNow.run({ to });
    return count.get() as MemberCounts;
  };
}

const referencedMembers = (db: Db) =>
  [
    db.prepare(`
      insert or ignore into member_before
      select coalesce(${ownerOf('m.text')}, m.text)
      from reference f
      cross join handle m on m.id = f.handle
      where f.record = :id
        and f.relation = 'member'`),
    // The member is a user of this reading, or one whose entry did not change.
    db.prepare(`
      insert or ignore into member_now
      select coalesce((select u.key from staged_user_handle u where u.handle = f.handle), ${ownerOf('f.handle')},
        f.handle)
      from staged_reference f
      where f.resource_type = 'Group'
        and f.key = :to
        and f.relation = 'member'`),
  ] as const;

/** The key of a member has no type: a user with this key is the member. */
const isUser = (key: string): string => `
  (
    exists (select 1 from record r where r.resource_type = 'User' and r.key = ${key} and r.removed_in is null)
      or exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = ${key})
  )`;

const listedMembers = (db: Db) =>
  [
    db.prepare(`
      insert or ignore into member_before
      select member_key
      from source_membership
      where group_key = :from
        and removed_in is null`),
    db.prepare(`
      insert or ignore into member_now
      select coalesce(
        (select p.from_key from key_pair p where p.to_key = m.member_key),
        (select p.from_key from group_pair p where p.to_key = m.member_key and not ${isUser('m.member_key')}),
        m.member_key
      )
      from staged_membership m
      where m.group_key = :to`),
  ] as const;
