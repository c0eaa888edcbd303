-- Where a target no longer holds what it acknowledged ---------------------------------------------------------------

-- A difference that a read of the target showed. It is open until a read shows the acknowledged value again.
create table drift (
  id integer primary key,
  target integer not null references target (id),
  difference text not null
    check (difference in ('reactivated', 'changed', 'memberAdded', 'memberRemoved', 'deleted', 'twin')),
  resource_type text not null,
  key text not null,
  name text not null,
  -- The account that was read; of a duplicate, the second account.
  remote_id text not null,
  -- The attribute of a change; '' otherwise.
  path text not null,
  -- The member of a membership: its id at the target, and its record; null: no record owns it.
  member_id text not null default '',
  member_type text,
  member_key text,
  -- Values as JSON.
  acknowledged text not null,
  shown text not null,
  -- What the configuration asks for, and why it is not done.
  policy text not null check (policy in ('repair', 'report')),
  held text,
  found_at integer not null,
  seen_at integer not null,
  -- When the snapshot took over the shown value, so that a plan repairs it.
  repair_at integer,
  closed_at integer
);
create index drift_by_record on drift (target, resource_type, key) where closed_at is null;
create index drift_by_key on drift (key);
create index drift_by_end on drift (closed_at) where closed_at is not null;

-- How far the check of a target is through, as JSON.
create table drift_check (
  target integer primary key references target (id),
  position text not null
);

-- The accounts that the running check has seen, by the id of their row.
create table drift_seen (
  target integer not null references target (id),
  account integer not null,
  primary key (target, account)
) without rowid;
