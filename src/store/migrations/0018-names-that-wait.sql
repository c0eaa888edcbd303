-- Operations that need a userName which another account has. --------------------------------------------------------

-- The key of the record whose account has the name when the plan begins, and gives it up in the same round.
alter table operation add column waits_for text;
create index operation_by_name_holder on operation (pass, target) where waits_for is not null;

-- Users who left and whose accounts may come back under another key: few among all records.
create index record_of_leaver on record (key) where removed_in is not null and resource_type = 'User';
