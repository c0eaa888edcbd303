-- How strongly a target showed the result of an operation: answered, shown, read. Null: it did not show it.
alter table operation add column evidence text check (evidence in ('answered', 'shown', 'read'));

-- Removals whose effect is still to be read back. `look` 1: the answer did not show the effect; 2: it was shown or read
-- once, and is read again, because a later state at the target can undo it.
create table verification (
  id integer primary key,
  target integer not null references target (id),
  resource_type text not null,
  key text not null,
  operation integer not null references operation (id),
  remote_id text not null,
  look integer not null check (look in (1, 2)),
  not_before integer not null,
  unique (target, resource_type, key)
);
create index verification_by_time on verification (target, look, not_before);

-- What reads have shown of each kind of write at a target, as JSON (SampleState).
alter table target add column samples text;
