-- Tables for a directory, whose entries reference each other by handle (DN, id, login name). --------------------

-- The position of the next incremental read, and the time of the last full reading.
alter table reading add column bookmark text;
alter table reading add column completed integer not null default 0;

-- 'Nested': a group outside the configured groups that one of them contains. `active_until`: expiry date of the user.
create table record_wider (
  id integer primary key,
  kind text not null check (kind in ('User', 'Group', 'Nested')),
  key text not null,
  active integer not null,
  attributes text not null,
  digest blob,
  changed integer not null,
  gone integer,
  active_until integer,
  unique (kind, key)
);
insert into record_wider (id, kind, key, active, attributes, digest, changed, gone)
  select id, kind, key, active, attributes, digest, changed, gone from record;
drop table record;
alter table record_wider rename to record;
create index record_by_change on record (changed);
create index record_by_digest on record (kind, digest) where digest is not null;
create index record_present on record (kind, id, digest) where gone is null;
create index record_by_expiry on record (active_until) where active_until is not null;

-- A text that identifies a record: id:…, dn:…, login:…, rid:….
create table handle (
  id integer primary key,
  text text not null unique
);

create table bearer (
  handle integer not null,
  record integer not null,
  primary key (handle, record)
) without rowid;
create index bearer_by_record on bearer (record);

-- The references of a record. `towards`: 'member' (this group has that member), 'group' (this record is in that group),
-- '@manager' (an attribute).
create table reference (
  record integer not null,
  towards text not null,
  handle integer not null,
  primary key (record, towards, handle)
) without rowid;
create index reference_by_handle on reference (handle, towards);

-- DNs that were reassigned recently: a server may still be updating them in entries that refer to them.
create table unsettled (
  handle integer primary key,
  at integer not null
);

-- Removals that a daemon judges together, over several passes --------------------

-- 1: an operator approved the removals of this pass, so the guard does not count them again.
alter table pass add column approved integer not null default 0;
create index operation_recent on operation (target, answered_at)
  where action in ('deactivate', 'delete', 'members') and answered_at is not null;
