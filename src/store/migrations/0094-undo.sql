-- What deletions took away ------------------------------------------------------------------------------------------

-- The account that a deletion removed, as the target last acknowledged it: `undo` creates it again.
create table deleted_account (
  operation integer primary key references operation (id) on delete cascade,
  body text not null
) strict;

-- The memberships that ended with it, without an operation of their own.
create table deleted_membership (
  operation integer not null references operation (id) on delete cascade,
  group_key text not null,
  member_type text not null,
  member_key text not null,
  primary key (operation, group_key, member_type, member_key)
) strict, without rowid;
create index deleted_membership_by_group on deleted_membership (group_key);
