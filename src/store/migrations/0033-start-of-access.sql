-- Accounts that wait for the start date of their user --------------------------------------------------------------

-- 1: created inactive, and not active since. The activation starts the access of the user and is no reactivation.
alter table account add column awaits_start integer not null default 0;
alter table operation add column is_start integer not null default 0;
