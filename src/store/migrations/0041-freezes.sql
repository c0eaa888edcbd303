-- Users for whom nothing is changed (legal hold) ----------------------------------------------------------------------

-- `until` null: until an operator ends it. `ended` null: in force. A pass ends those whose time has passed; they have
-- no `ended_by`. `ended` is later than each planning that saw the freeze in force.
create table freeze (
  id integer primary key,
  key text not null,
  name text not null,
  since integer not null,
  operator text not null,
  host text not null,
  reason text not null,
  until integer,
  ended integer,
  ended_by text,
  ended_host text
);
create unique index freeze_open on freeze (key) where ended is null;
create index freeze_by_end on freeze (ended) where ended is not null;
