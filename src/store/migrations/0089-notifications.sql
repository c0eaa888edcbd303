-- Notifications -----------------------------------------------------------------------------------------------------

-- What a person must know about. One row for as long as it lasts.
create table incident (
  id integer primary key,
  event text not null,
  -- The name; '': it concerns a source.
  target text not null,
  text text not null,
  -- Lines as a JSON list.
  details text not null,
  command text,
  opened integer not null,
  -- Null: it lasts.
  closed integer
) strict;

create unique index incident_open on incident (event, target) where closed is null;

-- What a channel accepted.
create table incident_report (
  incident integer not null references incident (id) on delete cascade,
  change text not null check (change in ('opened', 'closed')),
  channel text not null,
  at integer not null,
  primary key (incident, channel, change)
) strict, without rowid;

create table notification_channel (
  name text primary key,
  since integer not null,
  -- Deliveries in a row that failed; 0: the last one was accepted, or there was none.
  failures integer not null default 0,
  next_try integer not null default 0,
  detail text not null default ''
) strict, without rowid;
