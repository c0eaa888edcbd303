-- Blocks of files whose rows the mirror holds ------------------------------------------------------------------------

-- Consecutive bytes of a file, and the rows of `record` or `source_membership` that they were in the last reading. A
-- reading that finds the same bytes again does not split them into rows.
create table source_block (
  id integer primary key,
  part text not null,
  digest blob not null,
  -- The number of lines in the block, for the line numbers of later rows.
  lines integer not null,
  -- The ids of the rows, encoded as src/store/mirror/blocks/row-ids.ts states.
  rows blob not null,
  unique (part, digest)
);

-- Rows whose digest is no longer the one that a block had: a block with such a row is read row by row.
create table changed_row (
  row_type text not null check (row_type in ('record', 'membership')),
  id integer not null,
  primary key (row_type, id)
) without rowid;

create trigger record_digest_changed after update of digest, removed_in on record
when old.digest is not new.digest or old.removed_in is not new.removed_in begin
  insert or ignore into changed_row (row_type, id) values ('record', new.id);
end;
create trigger record_deleted after delete on record begin
  insert or ignore into changed_row (row_type, id) values ('record', old.id);
end;
create trigger source_membership_digest_changed after update of digest, removed_in on source_membership
when old.digest is not new.digest or old.removed_in is not new.removed_in begin
  insert or ignore into changed_row (row_type, id) values ('membership', new.id);
end;
create trigger source_membership_deleted after delete on source_membership begin
  insert or ignore into changed_row (row_type, id) values ('membership', old.id);
end;
