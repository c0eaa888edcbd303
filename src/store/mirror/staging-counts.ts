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
    memberships:
      knownMemberships(db) ??
      count(`select count(*) from source_membership where ${isOwnRow()} and removed_in is null`),
  };
}

/** The number of memberships that the last reading stored; undefined: it is not known. */
export const knownMemberships = (db: Db): number | undefined =>
  (db.prepare('select memberships from reading').pluck().get() as number | null | undefined) ?? undefined;

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
 * The cost depends on the staged rows.
 */
export function countDerived(
  db: Db,
  before: Record<CountedPart, number>,
): Pick<Record<CountedPart, number>, 'groups' | 'memberships'> {
  // Groups that staged users leave or join: only they can appear or become empty.
  db.exec(`
    create temp table if not exists concerned_group (key text primary key) without rowid;
    delete from concerned_group;
    insert or ignore into concerned_group
    select m.group_key
    from staged_record s
    cross join source_membership m on m.member_key = s.key
      and m.removed_in is null
      and ${isOwnRow('m')}
    where s.resource_type = 'User';
    insert or ignore into concerned_group select group_key from staged_membership;`);
  return db
    .prepare(
      `
      select :groups + coalesce(sum(is_used - is_present), 0) as groups,
        :memberships + (select count(*) from staged_membership) - (
          select count(*)
          from staged_record s
          cross join source_membership m on m.member_key = s.key
            and m.removed_in is null
            and ${isOwnRow('m')}
          where s.resource_type = 'User'
        ) as memberships
      from (
        select
          exists (
            select 1
            from record r
            where r.resource_type = 'Group'
              and r.key = c.key
              and ${isOwnRow('r')}
              and r.removed_in is null
          ) as is_present,
          c.key in (select group_key from staged_membership)
            or exists (
              select 1
              from source_membership m
              where m.group_key = c.key
                and m.removed_in is null
                and ${isOwnRow('m')}
                and not exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = m.member_key)
            ) as is_used
        from concerned_group c
      )`,
    )
    .get(before) as { groups: number; memberships: number };
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
