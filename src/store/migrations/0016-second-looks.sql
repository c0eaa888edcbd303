-- What a look at a removal needs to know, and what it has seen. -------------------------------------------------------

-- 1: the answer or a read has shown the removal. 0: it is only answered, and every such removal is read in the end.
alter table verification add column is_seen integer not null default 0;
update verification set is_seen = 1 where look = 2;
-- The externalId of the user: other accounts that carry it are removed, too. Null: it had none, or a group.
alter table verification add column external_id text;
-- 1: a create of the account was sent without an answer, so it is looked for in any case.
alter table verification add column may_have_duplicates integer not null default 0;
