-- Managers that users of a source without handles name ---------------------------------------------------------------

-- The names of the managers of each present user, as the mappings that `reading.manager_rules` identifies state them. A
-- reading updates the rows of the users that it changed.
create table manager_name (
  record integer not null,
  name text not null,
  primary key (record, name)
) without rowid;
create index manager_name_by_name on manager_name (name);

-- By which mappings the names were read; null: the next reading reads the names of all users.
alter table reading add column manager_rules text;
-- How many rows manager_name has.
alter table reading add column managers integer not null default 0;

-- `relation` 'managers': the name of a manager.
create table unresolved_name (
  relation text not null check (relation in ('members', 'groups', 'managers')),
  name text not null,
  reference_count integer not null,
  primary key (relation, name)
) without rowid;
insert into unresolved_name select relation, name, reference_count from unresolved_reference;
drop table unresolved_reference;
alter table unresolved_name rename to unresolved_reference;
