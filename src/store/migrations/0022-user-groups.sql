-- Rules that depend on the groups of users ------------------------------------------------------------------------

-- What the rules of a target saw of a group of the source when they were last planned: its name, and whether it was in
-- scope. If a changed group has another role, its members are compared again. Only targets whose rules use groups have
-- rows.
create table group_role (
  target integer not null references target (id),
  group_key text not null,
  role text not null,
  primary key (target, group_key)
) without rowid;
