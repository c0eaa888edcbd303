import { isOwnRow } from './own-rows.ts';
import type { Db } from '../database.ts';
import { isMissingFrom } from './missing-rows.ts';
import type { CountedPart } from '../store.ts';

/** Counts what the mirror holds now. */
export function countPresent(db: Db): Record<CountedPart, number> {
  const count = (sql: string): number => db.prepare(sql).pluck().get() as number;
  return {
    users: count(`select count(*) from record where resource_type = 'User' and removed_in is null`),
    groups: count(`select count(*) from record where resource_type = 'Group' and ${isOwnRow()} and removed_in is null`),
    memberships: count(`select count(*) from source_membership where ${isOwnRow()} and removed_in is null`),
  };
}

/** Counts what the mirror would hold after the commit of the staged changes. */
export function countAfterChanges(db: Db, before: Record<CountedPart, number>): Record<CountedPart, number> {
  const difference = db
    .prepare(
      `
      select (
        select count(*)
        from staged_record s
        where s.resource_type = :resourceType
          and not exists (
            select 1
            from record r
            where r.resource_type = s.resource_type
              and r.key = s.key
              and r.removed_in is null
          )
      ) - (
        select count(distinct key)
        from staged_removed d
        where d.resource_type = :resourceType
          and ${isMissingFrom('staged_record', 'd', ['resource_type', 'key'])}
      )`,
    )
    .pluck();
  const count = (recordType: 'User' | 'Group'): number => difference.get({ resourceType: recordType }) as number;
  return {
    users: before.users + count('User'),
    groups: before.groups + count('Group'),
    memberships: before.memberships,
  };
}

/**
 * Counts the groups and memberships that result from a column of the users: those of the staged rows, and those of all
 * other users as the mirror holds them. A missing user therefore counts once, as a user, and not again by memberships.
 */
export function countDerived(
  db: Db,
  before: Record<CountedPart, number>,
): Pick<Record<CountedPart, number>, 'groups' | 'memberships'> {
  // An unchanged reading must not scan all memberships.
  if (db.prepare('select 1 from staged_record limit 1').get() === undefined)
    return { groups: before.groups, memberships: before.memberships };
  return db
    .prepare(
      `
      select count(distinct group_key) as groups, count(*) as memberships
      from (
        select group_key
        from source_membership
        where removed_in is null
          and ${isOwnRow()}
          and member_key not in (select key from staged_record where resource_type = 'User')
        union all
        select group_key from staged_membership
      )`,
    )
    .get() as { groups: number; memberships: number };
}

/** Counts the records of the mirror that the staged changes remove. */
export function countReportedDeletions(db: Db): number {
  return db
    .prepare(
      `
      select count(*)
      from (select distinct resource_type, key from staged_removed) d
      join record r on r.resource_type = d.resource_type
        and r.key = d.key
        and r.removed_in is null
      where ${isMissingFrom('staged_record', 'd', ['resource_type', 'key'])}`,
    )
    .pluck()
    .get() as number;
}
