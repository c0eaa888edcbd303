-- Groups have former keys, too: a user and a group may have had the same key. -----------------------------------------

create table former_key_of_type (
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  now_key text not null,
  at integer not null,
  primary key (resource_type, key)
) without rowid;
insert into former_key_of_type (resource_type, key, now_key, at)
  select 'User', key, now_key, at
  from former_key;
drop table former_key;
alter table former_key_of_type rename to former_key;
