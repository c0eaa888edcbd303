-- Which application a target is, and the actions of operators ------------------------------------------------------

-- `url`: the address that the snapshot was recorded at, without credentials; null: recorded by an earlier version, or
-- forgotten. The next pass stores it.
alter table target add column url text;
-- 1: the source has users who should have no access here and have no known account. The next pass that reaches the
-- target compares them with its list.
alter table target add column leavers_unmatched integer not null default 0;

-- Names that a target had before it was renamed.
create table former_target_name (
  name text primary key,
  target integer not null references target (id)
) without rowid;

-- 1: an operator changed the state by a command such as `target moved`. No source was read, and nothing was sent.
alter table pass add column is_operator_action integer not null default 0;
