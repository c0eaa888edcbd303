import { isOwnRow } from '../mirror/own-rows.ts';
import type { Db } from '../database.ts';
import type { StagedUsers } from './key-change-candidates.ts';

/**
 * Stages a user of the mirror whose row did not change as if the reading contained the user for the first time. So a
 * key change from or to a user of an earlier reading is handled like one to a new user.
 *
 * @returns whether the mirror has the user
 */
export function stageKnownUser(db: Db, key: string, staged: StagedUsers): boolean {
  const record = db
    .prepare(
      `
      select r.id, exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = r.key) as isStaged
      from record r
      where r.resource_type = 'User'
        and r.key = ?
        and r.removed_in is null`,
    )
    .get(key) as { id: number; isStaged: number } | undefined;
  if (record === undefined) return false;
  const { id, isStaged } = record;
  if (isStaged === 0) stageFromMirror(db, id);
  stageMemberships(db, key, isStaged === 0, staged);
  staged.seenRecords.delete(id);
  return true;
}

function stageFromMirror(db: Db, id: number): void {
  const statements = [
    `insert into staged_record (resource_type, key, line, active, attributes, digest, is_changed, valid_from, valid_to,
      zone, signs)
    select resource_type, key, 0, active, attributes, digest, 1, valid_from, valid_to, zone, signs
    from record
    where id = :id`,
    `insert or ignore into staged_handle (resource_type, key, handle)
    select r.resource_type, r.key, h.text
    from record r
    join handle_owner o on o.record = r.id
    join handle h on h.id = o.handle
    where r.id = :id`,
    `insert or ignore into staged_reference (resource_type, key, relation, handle)
    select r.resource_type, r.key, f.relation, h.text
    from record r
    join reference f on f.record = r.id
    join handle h on h.id = f.handle
    where r.id = :id`,
  ];
  for (const statement of statements) db.prepare(statement).run({ id });
}

/**
 * The memberships of the reading that are in the mirror become staged ones. An unchanged row of a user has its
 * unchanged groups.
 */
function stageMemberships(
  db: Db,
  key: string,
  isUnchanged: boolean,
  { groupsFromColumn, seenMemberships }: StagedUsers,
): void {
  const rows = db
    .prepare(
      `select id, group_key as "group"
      from source_membership
      where member_key = ? and ${isOwnRow()} and removed_in is null
      order by id`,
    )
    .all(key) as { id: number; group: string }[];
  const stage = db.prepare('insert or ignore into staged_membership (group_key, member_key) values (?, ?)');
  for (const { id, group } of rows) {
    if ((groupsFromColumn && isUnchanged) || seenMemberships.has(id)) stage.run(group, key);
    seenMemberships.delete(id);
  }
}
