-- Key changes of groups -------------------------------------------------------------------------------------------

create table key_change_of_type (
  -- 'User' or 'Group': a user and a group may have equal keys.
  resource_type text not null default 'User',
  from_key text not null,
  to_key text not null,
  -- The userName or e-mail address that both users have, or the displayName that both groups have.
  name text not null,
  reason text not null,
  since integer not null,
  state text not null default 'pending' check (state in ('pending', 'different')),
  primary key (resource_type, from_key, to_key)
) without rowid;
insert into key_change_of_type (from_key, to_key, name, reason, since, state)
  select from_key, to_key, name, reason, since, state from key_change;
drop table key_change;
alter table key_change_of_type rename to key_change;
create unique index key_change_pending on key_change (resource_type, to_key) where state = 'pending';
