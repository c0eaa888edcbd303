-- Removals that had no proven effect. --------------------------------------------------------------------------------

-- Number of removals of the account in a row that the target answered and that no read confirmed: only a read confirms
-- the next one, and it is sent in another form.
alter table account add column unproven_removals integer not null default 0;
-- The same number when the removal was answered. A deletion forgets the account, so it is kept here, too.
alter table verification add column unproven_removals integer not null default 0;
