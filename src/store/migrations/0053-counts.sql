-- Counts that follow each change, so that no pass counts all memberships ---------------------------------------------

-- How many memberships the mirror holds; null: not known, so the next reading counts them and fills
-- unresolved_reference.
alter table reading add column memberships integer;

-- Names in present memberships that are the key of no present record. `relation` 'members': the name of a member;
-- 'groups': the name of a group.
create table unresolved_reference (
  relation text not null check (relation in ('members', 'groups')),
  name text not null,
  reference_count integer not null,
  primary key (relation, name)
) without rowid;

-- What a target holds: numbers of rows of account and membership. Triggers keep them.
create table target_total (
  target integer primary key references target (id) on delete cascade,
  users integer not null default 0,
  inactive_users integer not null default 0,
  -- Groups that were not emptied.
  groups integer not null default 0,
  memberships integer not null default 0
);
insert into target_total (target, users, inactive_users, groups, memberships)
  select t.id,
    (select count(*) from account a where a.target = t.id and a.resource_type = 'User'),
    (select count(*) from account a where a.target = t.id and a.inactive_since is not null),
    (select count(*) from account a where a.target = t.id and a.resource_type = 'Group' and a.is_emptied = 0),
    (select count(*) from membership m where m.target = t.id)
  from target t;

create trigger target_totals after insert on target begin
  insert into target_total (target) values (new.id);
end;
create trigger membership_added after insert on membership begin
  update target_total set memberships = memberships + 1 where target = new.target;
end;
create trigger membership_removed after delete on membership begin
  update target_total set memberships = memberships - 1 where target = old.target;
end;
create trigger account_added after insert on account begin
  update target_total
  set users = users + (new.resource_type = 'User'), inactive_users = inactive_users + (new.inactive_since is not null),
    groups = groups + (new.resource_type = 'Group' and new.is_emptied = 0)
  where target = new.target;
end;
create trigger account_removed after delete on account begin
  update target_total
  set users = users - (old.resource_type = 'User'), inactive_users = inactive_users - (old.inactive_since is not null),
    groups = groups - (old.resource_type = 'Group' and old.is_emptied = 0)
  where target = old.target;
end;
create trigger account_changed after update of inactive_since, is_emptied on account
when (old.inactive_since is null) <> (new.inactive_since is null) or old.is_emptied <> new.is_emptied begin
  update target_total
  set inactive_users = inactive_users + (new.inactive_since is not null) - (old.inactive_since is not null),
    groups = groups + (new.resource_type = 'Group') * (old.is_emptied - new.is_emptied)
  where target = new.target;
end;

-- The groups of a member are read from the index alone: the rows of one member are spread over the whole table.
drop index source_membership_by_member;
create index source_membership_by_member on source_membership (member_key, removed_in, group_key);
