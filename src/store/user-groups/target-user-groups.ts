import { sourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { doubtColumns, doubtJoin, toRecord, type RecordRow } from '../sqlite/rows.ts';
import { openUserGroupLookup } from './user-group-lookup.ts';
import type { ChangedGroup, TargetUserGroups } from './user-groups-interface.ts';

/** `concerns`: 1: the group has another role than when the target was last planned. */
const tables = `
  create temp table if not exists changed_group (
    id integer primary key, key text not null unique, concerns integer not null default 0);`;

interface ChangedGroupRow extends RecordRow {
  readonly id: number;
  readonly removed_in: number | null;
  readonly role: string | null;
}

/** Opens the groups of users for one target. `openCandidates` has created the table of candidates. */
export function openTargetUserGroups(db: Db, target: number): TargetUserGroups {
  db.exec(tables);
  const forgetRoles = db.prepare('delete from group_role where target = ?');
  const selectAll = db.prepare(
    `insert into changed_group (key) select key from record where resource_type = 'Group' and removed_in is null`,
  );
  // Without the index hint SQLite scans all groups.
  const selectAfter = db.prepare(`
    insert into changed_group (key)
    select key
    from record indexed by record_by_change
    where changed_in > ?
      and resource_type = 'Group'`);
  const page = db.prepare(`
    select c.id, r.resource_type, r.key, r.active, r.attributes, r.removed_in, p.role, ${doubtColumns}
    from changed_group c
    cross join record r on r.resource_type = 'Group'
      and r.key = c.key
    ${doubtJoin}
    left join group_role p on p.target = :target
      and p.group_key = c.key
    where c.id > :after
    order by c.id
    limit :limit`);
  const upsertRole = db.prepare(`
    insert into group_role (target, group_key, role)
    values (:target, :key, :role)
    on conflict (target, group_key) do update set role = excluded.role`);
  const deleteRole = db.prepare('delete from group_role where target = :target and group_key = :key');
  const markConcerning = db.prepare('update changed_group set concerns = 1 where key = ?');
  // A new user with the key of a group takes the memberships of that group, and its members lose them.
  const addConcernedUsers = db.prepare(`
    insert or ignore into candidate (resource_type, key)
    with recursive below(key) as (
      select member_key
      from source_membership indexed by source_membership_by_change
      where changed_in > :after
      union
      select m.member_key
      from changed_group c
      cross join source_membership m on m.group_key = c.key
        and m.removed_in is null
      where c.concerns = 1
      union
      select r.key
      from record r indexed by record_by_change
      where r.changed_in > :after
        and r.resource_type = 'User'
        and exists (select 1 from record g where g.resource_type = 'Group' and g.key = r.key)
      union
      select m.member_key
      from below b
      cross join source_membership m on m.group_key = b.key
        and m.removed_in is null
    )
    select 'User', b.key
    from below b
    where exists (
      select 1
      from record r
      where r.resource_type = 'User'
        and r.key = b.key
        and r.removed_in is null
    )`);

  return {
    openLookup: () => openUserGroupLookup(db),
    async selectChanged(after) {
      db.exec('delete from changed_group');
      if (after === 'all') {
        forgetRoles.run(target);
        selectAll.run();
      } else selectAfter.run(after);
    },
    async changed(after, limit) {
      const rows = page.all({ target, after, limit }) as ChangedGroupRow[];
      return { page: rows.map(toChangedGroup), next: rows.at(-1)?.id };
    },
    async saveRoles(groups) {
      for (const { key, role } of groups) {
        if (role === undefined) deleteRole.run({ target, key });
        else upsertRole.run({ target, key, role });
        markConcerning.run(key);
      }
    },
    async selectConcernedUsers(after) {
      addConcernedUsers.run({ after });
    },
  };
}

const toChangedGroup = (row: ChangedGroupRow): ChangedGroup => ({
  key: sourceKey(row.key),
  record: row.removed_in === null ? toRecord(row) : undefined,
  role: row.role ?? undefined,
});
