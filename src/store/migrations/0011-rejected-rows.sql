-- Rows of the last reading that were rejected, and what they keep --------------------------------------------------

-- The first rejected rows of the last reading. `since`: when the row was first rejected; `digest`: of its raw bytes.
create table rejected_row (
  id integer primary key,
  part text not null,
  line integer not null,
  key text,
  reason text not null,
  digest blob not null,
  since integer not null
);

-- Records whose state in the source is in doubt because of a rejected row. `is_absent` 1: the reading does not contain
-- the record, and the row could be it, so its removal waits; 0: the row is certainly this record.
create table record_in_doubt (
  record integer primary key references record (id),
  since integer not null,
  line integer not null,
  is_absent integer not null,
  -- userName or displayName, for messages.
  name text not null
);

-- Memberships that the reading does not contain and that a rejected row could be.
create table membership_in_doubt (
  membership integer primary key references source_membership (id),
  since integer not null,
  line integer not null
);
