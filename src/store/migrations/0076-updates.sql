-- The guard counts the changed attributes of recent updates: without this index, it reads all operations of recent
-- passes, also those of a first load.
create index operation_update on operation (pass) where action = 'update';
