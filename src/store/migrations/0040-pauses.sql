-- Targets that an operator set aside ---------------------------------------------------------------------------------

-- `ended` null: passes leave the target alone. Ended pauses stay for the history.
create table pause (
  id integer primary key,
  target integer not null references target (id),
  since integer not null,
  operator text not null,
  host text not null,
  -- Null: the operator gave none.
  reason text,
  ended integer,
  ended_by text,
  ended_host text
);
create unique index pause_open on pause (target) where ended is null;
