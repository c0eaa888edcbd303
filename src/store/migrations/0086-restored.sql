-- States restored from a backup ------------------------------------------------------------------------------------

-- When a backup was restored. What happened at the target between the backup and this moment is unknown: the target is
-- listed before the first create.
alter table target add column restored_at integer;
