import type { Db } from '../../src/store/database.ts';

/** The counts that the state keeps and that differ from the rows they count. */
export function wrongCounts(db: Db): readonly unknown[] {
  const isFromFiles = `exists (select 1 from source_membership where digest is not null)`;
  const unresolved = (relation: string, column: string, resourceTypes: string): string => `
    select '${relation}', ${column}, count(*)
    from source_membership m
    where removed_in is null
      and not exists (
        select 1
        from record
        where resource_type in (${resourceTypes})
          and key = m.${column}
          and removed_in is null
      )
    group by ${column}`;
  const names = `${unresolved('members', 'member_key', `'User', 'Group'`)}
    union all ${unresolved('groups', 'group_key', `'Group'`)}`;
  const managers = `
    select 'managers', name, count(*)
    from manager_name m
    where not exists (select 1 from record where resource_type = 'User' and key = m.name and removed_in is null)
    group by name`;
  const counted = (condition: string): string => `select * from unresolved_reference where relation ${condition}`;
  return [
    `select 'memberships', memberships
    from reading
    where memberships is not (select count(*) from source_membership where removed_in is null)`,
    `select 'unresolved', * from (${counted(`<> 'managers'`)} except select * from (${names}))
    where ${isFromFiles}`,
    `select 'resolved', * from (select * from (${names}) except select * from unresolved_reference)
    where ${isFromFiles}`,
    `select 'managers', managers from reading where managers is not (select count(*) from manager_name)`,
    `select 'manager without a user', m.*
    from manager_name m
    where not exists (select 1 from record where id = m.record and resource_type = 'User' and removed_in is null)`,
    `select 'unresolved', * from (${counted(`= 'managers'`)} except select * from (${managers}))`,
    `select 'resolved', * from (select * from (${managers}) except ${counted(`= 'managers'`)})`,
    `select 'target', t.*
    from target_total t
    where users <> (select count(*) from account a where a.target = t.target and a.resource_type = 'User')
      or inactive_users <> (select count(*) from account a where a.target = t.target and a.inactive_since is not null)
      or groups <> (
        select count(*)
        from account a
        where a.target = t.target
          and a.resource_type = 'Group'
          and a.is_emptied = 0
      )
      or memberships <> (select count(*) from membership m where m.target = t.target)`,
  ].flatMap((sql) => db.prepare(sql).all());
}
