-- Values that only one record has at a target: mapping entries with `"unique": true` ---------------------------------

-- The value stays with the record until its account is deleted. `folded`: the form in which values are compared.
create table unique_value (
  target integer not null references target (id),
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  path text not null,
  value text not null,
  folded text not null,
  primary key (target, resource_type, key, path)
) without rowid;
create unique index unique_value_by_value on unique_value (target, resource_type, path, folded);

-- A value that the target refused for a record, because an account that no record owns has it. Rows expire.
create table refused_value (
  target integer not null references target (id),
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  path text not null,
  folded text not null,
  refused_at integer not null,
  primary key (target, resource_type, key, path, folded)
) without rowid;

create index orphan_by_name on orphan (target, name) where external_id is not null;
