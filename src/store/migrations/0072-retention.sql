-- What repeats from pass to pass without a change is kept once: `since` is when the first pass began that found it.
-- Null: this pass found it first.
alter table note add column since integer;
alter table operation add column since integer;
-- How many earlier passes planned the same without effect.
alter table operation add column repeats integer;
create index note_by_record on note (key);
create index operation_without_effect on operation (pass) where state in ('held', 'skipped', 'failed');

-- What refers to a row that is removed.
create index operation_by_approval on operation (approval) where approval is not null;
create index verification_by_operation on verification (operation);

-- Tombstones.
create index record_by_removal on record (removed_in) where removed_in is not null;
create index source_membership_by_removal on source_membership (removed_in) where removed_in is not null;

-- How far a step of the retention is through.
create table retention_mark (
  step text primary key,
  mark integer not null
) without rowid;
