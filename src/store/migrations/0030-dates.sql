-- Start and end dates of users -------------------------------------------------------------------------------------

-- The period in which a user has access, in ms since 1970; null: no limit. `active` states the rest: whether the user
-- is active apart from dates. valid_to replaces active_until, with which an expired user became inactive for good.
alter table record add column valid_from integer;
alter table record rename column active_until to valid_to;
drop index record_by_expiry;
create index record_by_valid_from on record (valid_from) where valid_from is not null;
create index record_by_valid_to on record (valid_to) where valid_to is not null;

-- The moment up to which the dates of users are planned at the target; null: none yet.
alter table target add column planned_at integer;
