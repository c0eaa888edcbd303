-- What a target refuses, or accepts without effect (model/target/learned-fact.ts). Each pass that sends replaces the
-- rows of its target; a fact that no pass confirmed for 30 days is left out.
create table learned_fact (
  target integer not null references target (id),
  fact text not null,
  subject text not null,
  -- HTTP status of the last refusal. Null: a read showed that an accepted write had no effect.
  status integer,
  resource text not null,
  resources integer not null check (resources in (1, 2)),
  passes integer not null,
  pass integer not null,
  learned_at integer not null,
  confirmed_at integer not null,
  primary key (target, fact, subject)
) without rowid;

-- Writes without effect were a part of `samples`, which keeps the numbers of confirmed writes.
insert into learned_fact
  select t.id, 'writeIgnored', k.key, null, '', 1, 1, 0,
    json_extract(k.value, '$.contradictedAt'), json_extract(k.value, '$.contradictedAt')
  from target t, json_each(t.samples) k
  where json_extract(k.value, '$.contradictedAt') is not null;
update target
set samples = (
  select json_group_object(k.key, json(json_remove(k.value, '$.contradictedAt'))) from json_each(target.samples) k
)
where samples is not null;

-- The profile and the ServiceProviderConfig under which the facts were learned, as a digest. Null: an earlier version
-- learned them.
alter table target add column learned_under text;
-- When the ServiceProviderConfig was last requested; null: an earlier version did.
alter table target add column discovery_read_at integer;

-- Requests that a quota counts, by quota and interval of time. A row is deleted when its interval has left the window.
create table sent_request (
  target integer not null references target (id),
  quota text not null,
  interval_start integer not null,
  requests integer not null,
  primary key (target, quota, interval_start)
) without rowid;
