-- Users who should have no access, looked up one by one at a target whose list does not show all accounts -----------

create table leaver_look_up (
  target integer not null references target (id),
  key text not null,
  -- The last pass that looked the user up.
  pass integer not null,
  -- Whether the target answered it. A user whose look-up was answered is not looked up again.
  is_answered integer not null,
  primary key (target, key)
) without rowid;
