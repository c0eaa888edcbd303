-- Time zones of users ----------------------------------------------------------------------------------------------

-- The user's own time zone, in which the days of a policy are counted; null: the zone of the source.
alter table record add column zone text;
