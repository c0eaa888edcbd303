-- When failing records and memberships are tried again -----------------------------------------------------------

-- `member_key`: '' for the record itself, otherwise a member of the group `key`.
create table retry (
  target integer not null references target (id),
  resource_type text not null,
  key text not null,
  member_key text not null default '',
  -- Failures in a row.
  failures integer not null,
  -- The next try: in the pass with this number, or at this time if it is earlier.
  next_pass integer not null,
  next_at integer not null,
  primary key (target, resource_type, key, member_key)
) without rowid;
create index retry_by_member on retry (target, member_key) where member_key <> '';
