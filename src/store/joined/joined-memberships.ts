import { isOfSource, type Projection } from './projection.ts';

/** All users and groups that are members, now or before. */
export function selectAllMembers({ run, all, prefix }: Projection): void {
  run(
    `insert or ignore into regrouped (key, is_group)
    select key, 0 from joined_user where source = :source
    union
    select :prefix || key, 1 from ${prefix}record where resource_type = 'Group'`,
    all,
  );
  run(
    `insert or ignore into regrouped (key, is_group)
    select member_key, ${isOfSource('member_key')}
    from source_membership
    where id < 0
      and removed_in is null
      and ${isOfSource('group_key')}`,
    all,
  );
}

/** The users and groups whose memberships changed, and the users whose record changed. */
export function selectChangedMembers({ run, all, prefix }: Projection, since: number): void {
  run(
    `insert or ignore into joined_member_changed (key)
    select member_key from ${prefix}source_membership indexed by ${prefix}source_membership_by_change
    where changed_in > :since
    union
    select key from ${prefix}record indexed by ${prefix}record_by_change where changed_in > :since`,
    { since },
  );
  run(
    `insert or ignore into regrouped (key, is_group)
    select j.key, 0
    from joined_member_changed c
    cross join joined_user j on j.source = :source
      and j.joined_key = c.key
    union
    select key, 0 from regrouped_by_join
    union
    select :prefix || c.key, 1
    from joined_member_changed c
    where exists (select 1 from ${prefix}record g where g.resource_type = 'Group' and g.key = c.key)`,
    all,
  );
}

/** What the selected members are in now. */
export function computeMemberships({ run, all, prefix }: Projection): void {
  run(
    `insert or ignore into joined_membership_now (group_key, member_key)
    select :prefix || m.group_key, t.key
    from regrouped t
    cross join joined_user j on j.key = t.key
      and j.source = :source
      and j.state = 'joined'
    cross join ${prefix}source_membership m on m.member_key = j.joined_key
      and m.removed_in is null
    where t.is_group = 0`,
    all,
  );
  // The member is the user where a user and a group have the same key.
  const isPresent = (resourceType: string): string => `
    exists (
      select 1
      from ${prefix}record r
      where r.resource_type = '${resourceType}'
        and r.key = m.member_key
        and r.removed_in is null
    )`;
  run(
    `insert or ignore into joined_membership_now (group_key, member_key)
    select :prefix || m.group_key, t.key
    from regrouped t
    cross join ${prefix}source_membership m on m.member_key = substr(t.key, :start)
      and m.removed_in is null
    where t.is_group = 1
      and ${isPresent('Group')}
      and not ${isPresent('User')}`,
    all,
  );
}

/** Writes what differs from the memberships of the selected members. */
export function storeMemberships({ run, change, all }: Projection): void {
  change(
    `update source_membership
    set removed_in = :number, changed_in = :number
    where id in (
      select m.id
      from regrouped t
      cross join source_membership m on m.member_key = t.key
        and m.removed_in is null
        and m.id < 0
        and ${isOfSource('m.group_key')}
      where not exists (
        select 1 from joined_membership_now n where n.group_key = m.group_key and n.member_key = m.member_key
      )
    )`,
  );
  run(
    `delete from source_membership
    where id > 0
      and removed_in is not null
      and ${isOfSource('group_key')}
      and (group_key, member_key) in (select group_key, member_key from joined_membership_now)`,
    all,
  );
  change(
    `insert into source_membership (id, group_key, member_key, changed_in)
    select (select min(coalesce(min(id), 0), 0) from source_membership) - row_number() over (), n.group_key,
      n.member_key, :number
    from joined_membership_now n
    where not exists (
      select 1
      from source_membership m
      where m.group_key = n.group_key
        and m.member_key = n.member_key
        and m.removed_in is null
    )
    on conflict (group_key, member_key) do update set changed_in = excluded.changed_in, removed_in = null
    where id < 0`,
  );
}

/** Counts the users of the source that are members of groups and belong to no user of the primary source. */
export function countUnjoinedMembers({ run, all, prefix }: Projection): void {
  run(
    `update joined_source
    set unjoined_members = (
      select count(*)
      from ${prefix}record r
      where r.resource_type = 'User'
        and r.removed_in is null
        and not exists (select 1 from joined_user j where j.source = :source and j.joined_key = r.key)
        and exists (
          select 1 from ${prefix}source_membership m where m.member_key = r.key and m.removed_in is null
        )
    )
    where id = :source`,
    all,
  );
}
