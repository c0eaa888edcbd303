-- Keys that name another person than before --------------------------------------------------------------------------

create table key_change_with_reuse (
  -- 'User' or 'Group': a user and a group may have equal keys.
  resource_type text not null default 'User',
  -- Both keys are equal where the key names another person than before.
  from_key text not null,
  to_key text not null,
  -- The userName or e-mail address that both users have, or the displayName that both groups have. Of a reused key: the
  -- userName or name of the person whom it names now.
  name text not null,
  reason text not null,
  since integer not null,
  -- pending: no operator decided yet; different: an operator stated that they are two people; same: an operator stated
  -- that a reused key names the same person as before, which the next complete reading takes into account.
  state text not null default 'pending' check (state in ('pending', 'different', 'same')),
  primary key (resource_type, from_key, to_key)
) without rowid;
insert into key_change_with_reuse (resource_type, from_key, to_key, name, reason, since, state)
  select resource_type, from_key, to_key, name, reason, since, state from key_change;
drop table key_change;
alter table key_change_with_reuse rename to key_change;
create unique index key_change_pending on key_change (resource_type, to_key) where state = 'pending';
