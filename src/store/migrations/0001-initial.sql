-- The mirror: the source as it was last read completely. ---------------------------------------------------------

-- One row: the reading that the mirror holds. `fingerprint` and `shape` show whether anything must be read or parsed.
create table reading (
  id integer primary key check (id = 1),
  number integer not null,
  at integer not null,
  fingerprint text not null,
  shape text not null,
  columns text not null,
  rejected integer not null
);

create table record (
  id integer primary key,
  kind text not null check (kind in ('User', 'Group')),
  key text not null,
  active integer not null,
  attributes text not null,
  digest blob,
  -- The reading in which it last appeared, changed or left. Targets derive from it what changed since their last pass.
  changed integer not null,
  -- The reading in which it was missing for the first time; null while it is present.
  gone integer,
  unique (kind, key)
);
create index record_by_change on record (changed);
create index record_by_digest on record (kind, digest) where digest is not null;
-- Counts and scans of a reading need only this index: the attributes are most of the table.
create index record_present on record (kind, id, digest) where gone is null;

-- A membership in the source. `member` is the key of a user or of a group.
create table edge (
  id integer primary key,
  group_key text not null,
  member_key text not null,
  digest blob,
  changed integer not null,
  gone integer,
  unique (group_key, member_key)
);
create index edge_by_member on edge (member_key);
create index edge_by_change on edge (changed);
create index edge_by_digest on edge (digest) where digest is not null;

-- The snapshot: what each target last acknowledged. ---------------------------------------------------------------

create table target (
  id integer primary key,
  name text not null unique,
  -- The last reading that was derived and compared completely, and by which rules.
  derived integer not null default 0,
  rules text not null default '',
  discovery text,
  listed integer
);

create table account (
  id integer primary key,
  target integer not null references target (id),
  kind text not null check (kind in ('User', 'Group')),
  key text not null,
  remote_id text not null,
  body text not null,
  -- userName or displayName in lower case, to find the account that holds a name which another record needs.
  name text not null,
  active integer not null,
  inactive_since integer,
  version text,
  -- The person that this account's manager reference points to, by key.
  manager text,
  origin text not null check (origin in ('created', 'adopted')),
  -- Paths whose last change was never answered, as a JSON list.
  doubtful text,
  changed_at integer not null,
  unique (target, kind, key)
);
create index account_by_name on account (target, kind, name);
create index account_by_remote_id on account (target, kind, remote_id);
create index account_by_manager on account (target, manager) where manager is not null;
create index account_in_doubt on account (target) where doubtful is not null;
create index account_by_inactivity on account (target, inactive_since) where inactive_since is not null;

create table membership (
  target integer not null references target (id),
  group_key text not null,
  member_kind text not null,
  member_key text not null,
  primary key (target, group_key, member_kind, member_key)
) without rowid;
create index membership_by_member on membership (target, member_kind, member_key);

-- Records to evaluate again although the source did not change: the last operation did not succeed, or its response
-- requires a follow-up.
create table due (
  target integer not null references target (id),
  kind text not null,
  key text not null,
  -- 1: raised by an answer of the running pass, so that the same pass looks at it once more.
  follow_up integer not null default 0,
  -- 1: a create was sent and never answered; it is looked up before it is sent again.
  uncertain integer not null default 0,
  primary key (target, kind, key)
) without rowid;

create table due_edge (
  target integer not null references target (id),
  group_key text not null,
  member_key text not null,
  follow_up integer not null default 0,
  -- 1: a change was sent and got no response, so it is not known whether the target has the membership.
  doubtful integer not null default 0,
  primary key (target, group_key, member_key)
) without rowid;

create index due_edge_in_doubt on due_edge (target, member_key) where doubtful = 1;

-- Users whose manager has no account at that target yet.
create table waiting (
  target integer not null references target (id),
  key text not null,
  manager text not null,
  primary key (target, key)
) without rowid;
create index waiting_by_manager on waiting (target, manager);

-- The journal: passes, and every operation with its result. --------------------------------------------------

create table pass (
  id integer primary key,
  command text not null,
  started integer not null,
  ended integer,
  reading integer,
  result text,
  note text
);

create table pass_target (
  pass integer not null references pass (id),
  target integer not null references target (id),
  summary text not null,
  primary key (pass, target)
) without rowid;

create table operation (
  id integer primary key,
  pass integer not null references pass (id),
  target integer not null references target (id),
  round integer not null,
  -- The phase (see plan/phases.ts), then the order of renames and managers inside a phase.
  phase integer not null,
  wave integer not null default 0,
  action text not null,
  kind text not null,
  key text not null,
  name text not null,
  reason text not null,
  edits text,
  body text,
  -- The manager that the body points to, by key: creates run managers first.
  refers_to text,
  renames integer not null default 0,
  state text not null default 'planned'
    check (state in ('planned', 'held', 'sent', 'done', 'adopted', 'failed', 'unknown', 'skipped')),
  status integer,
  detail text,
  requests integer not null default 0,
  retries integer not null default 0,
  sent_at integer,
  answered_at integer
);
create index operation_by_pass on operation (pass, target, round, phase, wave);
create index operation_by_key on operation (key, kind);
create index operation_by_name on operation (name);

create table operation_member (
  operation integer not null references operation (id),
  kind text not null,
  key text not null,
  removed integer not null,
  primary key (operation, removed, kind, key)
) without rowid;
create index operation_member_by_key on operation_member (key);

-- Findings of a planning without an operation: a record that a target would not accept, a protected account.
create table note (
  pass integer not null references pass (id),
  target integer not null references target (id),
  kind text not null,
  key text not null,
  name text not null,
  text text not null,
  -- 1: the operator must correct something.
  problem integer not null
);
create index note_by_pass on note (pass, target);

-- The process that holds the state file. The lock itself is an operating system lock beside it; it ends with its
-- process.
create table holder (
  id integer primary key check (id = 1),
  pid integer not null,
  host text not null,
  command text not null,
  since integer not null
);
