-- What the lanes of a daemon do now -----------------------------------------------------------

-- A lane without a row is free. A busy lane is one of the process that holds the lock.
create table lane (
  target integer primary key references target (id),
  state text not null check (state in ('busy', 'quarantined')),
  since integer not null,
  -- Quarantined: when the target is tried again. Busy: it asked for no request before; null: it asked for no pause.
  until integer,
  -- Busy: the pass that it works for.
  pass integer,
  -- Quarantined: why the last try failed.
  reason text
);
