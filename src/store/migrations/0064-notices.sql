-- What commands tell a running daemon ---------------------------------------------------------------------------------

-- A command commits its notice together with its change. A daemon reads the notices after the last one that it knows.
-- Each command deletes those of more than a day ago. `target` null: all targets.
create table notice (
  id integer primary key autoincrement,
  at integer not null,
  command text not null check (command in ('pause', 'resume', 'freeze', 'unfreeze', 'approve')),
  target text
);
