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

-- "insert or ignore" does not help: the conflict clause of the statement that fires the trigger replaces it.
create trigger record_digest_changed after update of digest, removed_in on record
when old.digest is not new.digest or old.removed_in is not new.removed_in begin
  insert into changed_row (row_type, id)
  select 'record', new.id
  where not exists (select 1 from changed_row where row_type = 'record' and id = new.id);
end;
create trigger record_deleted after delete on record begin
  insert into changed_row (row_type, id)
  select 'record', old.id
  where not exists (select 1 from changed_row where row_type = 'record' and id = old.id);
end;
create trigger source_membership_digest_changed after update of digest, removed_in on source_membership
when old.digest is not new.digest or old.removed_in is not new.removed_in begin
  insert into changed_row (row_type, id)
  select 'membership', new.id
  where not exists (select 1 from changed_row where row_type = 'membership' and id = new.id);
end;
create trigger source_membership_deleted after delete on source_membership begin
  insert into changed_row (row_type, id)
  select 'membership', old.id
  where not exists (select 1 from changed_row where row_type = 'membership' and id = old.id);
end;
