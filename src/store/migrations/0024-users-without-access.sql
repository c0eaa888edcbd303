-- Users without access whose accounts may come back under another key: those who left, and those who are inactive. ---

drop index record_of_leaver;
create index record_without_access on record (key)
  where resource_type = 'User' and (removed_in is not null or active = 0);
