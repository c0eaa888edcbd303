-- Rounds that are being planned --------------------------------------------------------------------------------------

-- A planning lets other targets write between its slices, so that what it planned so far is committed. Until its row
-- goes in the last slice, the operations of the round, and the notes after `last_note`, are no plan.
create table draft (
  pass integer not null references pass (id),
  target integer not null references target (id),
  round integer not null,
  last_note integer not null,
  primary key (pass, target, round)
) without rowid;
